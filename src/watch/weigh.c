#include "watch/weigh.h"

#include <math.h>
#include <string.h>

enum { ROUNDS = 40, HALVINGS = 20 };

/* What one pass over the rows gives for a vector of weights. */
struct pass {
    size_t m;
    double h[WEIGH_COLUMNS][WEIGH_COLUMNS], g[WEIGH_COLUMNS];
    double value; /* the penalised likelihood, to be made large */
};

struct fit {
    const struct weigh_rows *rows;
    size_t m, column[WEIGH_COLUMNS];
    double mean[WEIGH_COLUMNS], scale[WEIGH_COLUMNS]; /* of column[i] */
    double penalty;
};

static void choose(struct fit *f)
{
    for (size_t i = 0; i < f->rows->stride && i < WEIGH_COLUMNS; i++)
        if (i == 0 || !f->rows->take || f->rows->take[i])
            f->column[f->m++] = i;
}

/* Means and deviations over the rows that count: what is known on that day, nothing later. */
static void measure(struct fit *f)
{
    const struct weigh_rows *r = f->rows;
    double n = 0, square[WEIGH_COLUMNS] = {0};
    for (size_t i = 0; i < r->n; i++) {
        if (!(r->w[i] > 0))
            continue;
        n++;
        for (size_t j = 1; j < f->m; j++) {
            double v = (double)r->x[i * r->stride + f->column[j]];
            f->mean[j] += v;
            square[j] += v * v;
        }
    }
    f->scale[0] = 1;
    for (size_t j = 1; j < f->m && n > 0; j++) {
        f->mean[j] /= n;
        double variance = square[j] / n - f->mean[j] * f->mean[j];
        f->scale[j] = variance > 1e-12 ? 1 / sqrt(variance) : 0;
    }
}

static void add_row(const struct fit *f, struct pass *p, const double *b, size_t i)
{
    const struct weigh_rows *r = f->rows;
    double z[WEIGH_COLUMNS], t = b[0];
    z[0] = 1;
    for (size_t j = 1; j < f->m; j++) {
        z[j] = ((double)r->x[i * r->stride + f->column[j]] - f->mean[j]) * f->scale[j];
        t += b[j] * z[j];
    }
    double e = exp(-fabs(t)), q = (t >= 0 ? 1 : e) / (1 + e);
    p->value += r->w[i] * ((r->y[i] > 0 ? t : 0) - (t > 0 ? t : 0) - log1p(e));
    double residual = r->w[i] * (r->y[i] - q), weight = r->w[i] * q * (1 - q);
    for (size_t j = 0; j < f->m; j++) {
        double v = weight * z[j];
        p->g[j] += residual * z[j];
        for (size_t k = 0; k <= j; k++)
            p->h[j][k] += v * z[k];
    }
}

static void look(const struct fit *f, const double *b, struct pass *p)
{
    memset(p, 0, sizeof *p);
    p->m = f->m;
    for (size_t i = 0; i < f->rows->n; i++)
        if (f->rows->w[i] > 0)
            add_row(f, p, b, i);
    for (size_t j = 0; j < f->m; j++) {
        double l = j == 0 ? 1e-3 : f->penalty;
        p->value -= l * b[j] * b[j] / 2;
        p->g[j] -= l * b[j];
        p->h[j][j] += l;
    }
}

/* Solves h s = g; h is positive definite, since every diagonal carries its penalty. */
static bool solve(struct pass *p, double *s)
{
    size_t m = p->m;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j <= i; j++) {
            double v = p->h[i][j];
            for (size_t k = 0; k < j; k++)
                v -= p->h[i][k] * p->h[j][k];
            if (i == j && !(v > 0))
                return false;
            p->h[i][j] = i == j ? sqrt(v) : v / p->h[j][j];
        }
    }
    for (size_t i = 0; i < m; i++) {
        s[i] = p->g[i];
        for (size_t k = 0; k < i; k++)
            s[i] -= p->h[i][k] * s[k];
        s[i] /= p->h[i][i];
    }
    for (size_t i = m; i-- > 0;) {
        for (size_t k = i + 1; k < m; k++)
            s[i] -= p->h[k][i] * s[k];
        s[i] /= p->h[i][i];
    }
    return true;
}

/* Newton's steps, halved while they overshoot. */
static enum err climb(const struct fit *f, double *b)
{
    struct pass p, next;
    double s[WEIGH_COLUMNS] = {0}, to[WEIGH_COLUMNS] = {0};
    look(f, b, &p);
    for (int round = 0; round < ROUNDS; round++) {
        double largest = 0;
        if (!solve(&p, s))
            return ERR_FORMAT;
        for (int half = 0; half < HALVINGS; half++) {
            largest = 0;
            for (size_t j = 0; j < f->m; j++) {
                to[j] = b[j] + s[j];
                largest = fmax(largest, fabs(s[j]));
            }
            look(f, to, &next);
            if (next.value >= p.value - 1e-9 * fabs(p.value))
                break;
            for (size_t j = 0; j < f->m; j++)
                s[j] /= 2;
        }
        memcpy(b, to, f->m * sizeof *b);
        p = next;
        if (largest < 1e-6)
            break;
    }
    return OK;
}

static bool both_outcomes(const struct weigh_rows *r)
{
    bool seen[2] = {false, false};
    for (size_t i = 0; i < r->n && !(seen[0] && seen[1]); i++)
        if (r->w[i] > 0)
            seen[r->y[i] > 0] = true;
    return seen[0] && seen[1];
}

enum err weigh_fit(const struct weigh_rows *rows, double penalty, double *ret_weights)
{
    struct fit f = {.rows = rows, .penalty = penalty};
    double b[WEIGH_COLUMNS] = {0};
    if (rows->stride > WEIGH_COLUMNS)
        return ERR_LIMIT;
    if (!both_outcomes(rows))
        return ERR_NOT_FOUND;
    choose(&f);
    measure(&f);
    TRY(climb(&f, b));
    memset(ret_weights, 0, rows->stride * sizeof *ret_weights);
    ret_weights[0] = b[0];
    for (size_t j = 1; j < f.m; j++) {
        ret_weights[f.column[j]] = b[j] * f.scale[j];
        ret_weights[0] -= b[j] * f.scale[j] * f.mean[j];
    }
    return OK;
}

double weigh_score(const double *weights, const float *x, size_t columns)
{
    double t = 0;
    for (size_t j = 0; j < columns; j++)
        t += weights[j] * (double)x[j];
    return t;
}
