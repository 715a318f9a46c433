#include "scan/prove.h"

#include "base/hash.h"
#include "base/limits.h"
#include "codec/container.h"
#include "codec/stream.h"
#include "scan/yara_pass.h"

#include <stdlib.h>
#include <unistd.h>

struct proof {
    struct pass *p;
    const struct facts *facts;
    const struct yara_suspect *first;
    /* In a worker: the walk of the archive that it read last goes on where it is. */
    struct container *c;
    size_t entry;
    int fd;
    uint32_t next;
};

static uint32_t file_of(const struct proof *proof, const struct yara_suspect *s)
{
    return proof->p->suspect.v[s - proof->first].file;
}

/* ---- in the worker ---- */

/* Where the bytes of a stream go. The first failure stays. */
struct taker {
    enum err (*add)(void *to, const char *p, size_t n);
    void *to;
    enum err rc;
};

static void take(void *ctx, const char *p, size_t n)
{
    struct taker *t = ctx;
    t->rc = t->rc ? t->rc : t->add(t->to, p, n);
}

static enum err read_member(void *ctx, char *p, size_t n, size_t *ret_n, struct error *error)
{
    return container_read(ctx, p, n, ret_n, error);
}

/* As the sweep saw it: unpacked, unless it is a container or a collector's own file. */
static enum err read_stream(const struct stream_source *from, bool as_it_is, struct taker *t)
{
    struct stream *in;
    struct stream_source source = *from;
    char piece[16 * 1024];
    size_t n = 1;
    source.to = UINT64_MAX;
    source.look = t;
    *(as_it_is ? &source.raw : &source.content) = take;
    TRY(stream_open(&source, &in, NULL));
    enum err rc = OK;
    if (as_it_is)
        rc = stream_drain(in);
    while (!as_it_is && n && !rc && !t->rc)
        rc = stream_read(in, piece, sizeof piece, &n, NULL);
    (void)stream_close(in);
    return t->rc ? t->rc : rc;
}

/* Suspects come in the order of the walk, each with a descriptor of the archive, which gets the
 * number that the one before had. */
static enum err walk_on(struct proof *proof, size_t entry, int fd, uint32_t ordinal)
{
    struct error why;
    if (proof->c && proof->entry == entry && proof->fd == fd && proof->next <= ordinal)
        return OK;
    proof->c = container_close(proof->c);
    proof->entry = entry;
    proof->fd = fd;
    proof->next = 0;
    return container_open(fd, NULL, &proof->c, &why);
}

static enum err read_in_container(struct proof *proof, size_t entry, int fd, uint32_t ordinal,
                                  struct taker *t)
{
    struct container_member m = {0};
    struct error why;
    TRY(walk_on(proof, entry, fd, ordinal));
    enum err rc = container_seek(proof->c, ordinal, &m, &why);
    proof->next = rc == OK ? ordinal + 1 : UINT32_MAX;
    struct stream_source source = {.fd = -1, .read = read_member, .ctx = proof->c};
    if (rc == OK)
        return read_stream(&source, false, t);
    return rc == END ? ERR_FORMAT : rc;
}

static enum err read_body(void *ctx, const struct yara_suspect *s, int fd,
                          enum err (*add)(void *to, const char *p, size_t n), void *to)
{
    struct proof *proof = ctx;
    const struct listed *in = proof->p->file[file_of(proof, s)].in;
    struct taker t = {add, to, OK};
    struct stream_source source = {.fd = fd};
    return in->member ? read_in_container(proof, s->entry, fd, in->member - 1, &t)
                      : read_stream(&source, in->container || in->about, &t);
}

/* ---- in the coordinator ---- */

static struct str meta_of(const struct yara_match *m, const char *name)
{
    for (size_t i = 0; i < m->n_metas; i++)
        if (str_ieq(m->meta[i].name, str_of(name)))
            return m->meta[i].text;
    return STR("");
}

/* By the rule's score from 0 to 100, as rules for Loki and THOR have it; they take 75 for granted.
 */
static enum level level_of(const struct yara_match *m)
{
    uint64_t score = 75;
    if (!str_u64(meta_of(m, "score"), &score))
        score = 75;
    return score >= 90   ? LEVEL_CRITICAL
           : score >= 75 ? LEVEL_HIGH
           : score >= 40 ? LEVEL_MEDIUM
                         : LEVEL_LOW;
}

static enum grade grade_of(enum level level)
{
    return level >= LEVEL_HIGH     ? GRADE_PROGRESSED
           : level == LEVEL_MEDIUM ? GRADE_ATTEMPT
                                   : GRADE_WEAK;
}

/* What a rule says of itself is known once it matched. */
static enum err learn(struct proof *proof, const struct yara_match *m)
{
    struct scan_rule *r = &proof->p->set->rule[proof->p->set->yara_rule + m->rule];
    if (r->meta.meaning.p)
        return OK;
    r->level = level_of(m);
    r->meta.grade = r->dossier && r->dossier->draft ? GRADE_WEAK : grade_of(r->level);
    r->meta.meaning = arena_str(proof->p->arena, str_sub(meta_of(m, "description"), 0, 1024));
    return r->meta.meaning.p ? OK : ERR_NOMEM;
}

/* Bytes as text where they are, as hexadecimal where not. */
static void add_bytes(struct buf *b, struct str bytes)
{
    bool text = true;
    for (size_t i = 0; i < bytes.n; i++)
        text &= (unsigned char)bytes.p[i] >= 32 && (unsigned char)bytes.p[i] < 127;
    if (text) {
        buf_putc(b, '"');
        buf_str(b, bytes);
        buf_putc(b, '"');
        return;
    }
    for (size_t i = 0; i < bytes.n; i++)
        buf_printf(b, "%s%02x", i ? " " : "", (unsigned char)bytes.p[i]);
}

/* "$a at 0x10: "eval("; $b at 0x2f: 4d 5a" */
static void add_spots(struct buf *b, const struct yara_match *m)
{
    for (size_t i = 0; i < m->n_spots; i++) {
        const struct yara_spot *s = &m->spot[i];
        buf_printf(b, "%s%.*s at 0x%llx: ", i ? "; " : "", STR_FMT(s->id),
                   (unsigned long long)s->offset);
        add_bytes(b, s->bytes);
    }
    if (m->n_occurrences > m->n_spots)
        buf_printf(b, "; %llu more", (unsigned long long)(m->n_occurrences - m->n_spots));
}

static enum err add_hit(struct proof *proof, uint32_t file, const struct yara_match *m,
                        struct str strings, struct str text)
{
    struct pass *p = proof->p;
    struct hit h = pass_file_hit(p, proof->facts, p->set->yara_rule + m->rule, file, text);
    const struct named_value more[] = {{STR("Rule"), m->name},
                                       {STR("Source"), m->source},
                                       {STR("Strings"), strings},
                                       {STR("Reference"), meta_of(m, "reference")},
                                       {STR("Author"), meta_of(m, "author")},
                                       {STR("Score"), meta_of(m, "score")}};
    for (size_t i = 0; i < ARRAY_LEN(more); i++)
        h.field[h.n_fields++] = more[i];
    h.offset = m->n_spots ? m->spot[0].offset : 0;
    return pass_add_file_hit(p, &h);
}

static enum err on_match(void *ctx, const struct yara_suspect *s, const struct yara_match *m)
{
    struct proof *proof = ctx;
    uint32_t file = file_of(proof, s);
    struct buf strings, text;
    TRY(learn(proof, m));
    buf_init(&strings, 64 * 1024);
    buf_init(&text, 128 * 1024);
    add_spots(&strings, m);
    buf_printf(&text, "%.*s | SHA-256 %s | ", STR_FMT(str_sub(s->facts.filepath, 0, 1024)),
               proof->facts->file[file].sha256);
    buf_str(&text, buf_view(&strings));
    enum err rc = strings.rc ? strings.rc : text.rc;
    rc = rc ? rc : add_hit(proof, file, m, buf_view(&strings), buf_view(&text));
    buf_done(&strings);
    buf_done(&text);
    return rc;
}

static enum err on_gap(void *ctx, const struct yara_suspect *s, uint32_t rule, struct str reason,
                       struct str detail)
{
    struct proof *proof = ctx;
    struct buf b;
    buf_init(&b, UNIT_DETAIL_BYTES);
    buf_puts(&b, "YARA");
    if (rule != UINT32_MAX)
        buf_printf(&b, ", rule %.*s",
                   STR_FMT(str_sub(yara_set_rule(proof->p->set->files->yara, rule).name, 0, 128)));
    if (detail.n)
        buf_printf(&b, ": %.*s", STR_FMT(str_sub(detail, 0, 512)));
    buf_puts(&b, "; its rules were not all held against this file");
    enum err rc = b.rc ? b.rc : pass_gap(proof->p, file_of(proof, s), 0, reason, buf_view(&b));
    buf_done(&b);
    return rc;
}

static size_t workers(const struct pass *p)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t n = p->options->jobs ? p->options->jobs : cores > 0 ? (size_t)cores : 1;
    n = n > p->suspect.n ? p->suspect.n : n;
    return n < 1 ? 1 : n > PROC_MAX_WORKERS ? PROC_MAX_WORKERS : n;
}

static const struct pass *sorting; /* qsort has no context */

static int by_place(const void *a, const void *b)
{
    const struct pass_suspect *x = a, *y = b;
    const struct listed *p = sorting->file[x->file].in, *q = sorting->file[y->file].in;
    if (p->entry != q->entry)
        return p->entry < q->entry ? -1 : 1;
    return (p->member > q->member) - (p->member < q->member);
}

enum err prove_suspects(struct pass *p, const struct facts *facts, struct error *error)
{
    struct yara_suspect *v = arena_new_n(p->arena, struct yara_suspect, p->suspect.n + 1);
    struct proof proof = {.p = p, .facts = facts, .first = v};
    if (!v)
        return fail(error, ERR_NOMEM, "out of memory");
    sorting = p;
    if (p->suspect.n)
        qsort(p->suspect.v, p->suspect.n, sizeof *p->suspect.v, by_place);
    for (size_t i = 0; i < p->suspect.n; i++) {
        const struct listed *in = p->file[p->suspect.v[i].file].in;
        v[i] =
            (struct yara_suspect){(size_t)(in->entry - p->tree->entry),
                                  yara_facts_of_path(listed_path(in)), p->suspect.v[i].candidates};
    }
    const struct yara_pass pass = {.set = p->set->files ? p->set->files->yara : NULL,
                                   .tree = p->tree,
                                   .suspect = v,
                                   .n_suspects = p->suspect.n,
                                   .n_workers = workers(p),
                                   .match = on_match,
                                   .gap = on_gap,
                                   .read = read_body,
                                   .ctx = &proof,
                                   .interrupted = p->options->interrupted};
    if (p->suspect.n == 0 || p->interrupted)
        return OK;
    enum err rc = yara_pass_run(&pass, error);
    p->interrupted |= rc == END;
    return rc == END ? OK : rc;
}
