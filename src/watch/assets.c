#include "watch/assets.h"

#include "dossier/load.h"
#include "os/io.h"
#include "watch/assets_row.h"
#include "watch/cpe.h"
#include "watch/product_name.h"

/* One asset under one key, and the next under the same. */
struct asset_link {
    uint32_t asset, next; /* next: index + 1; 0: none */
    uint32_t vendor;      /* its number + 1; 0: not known */
    char version[12];     /* digits; "": none */
};

enum { LINKS_EACH = 8, KEY_BYTES = 2 * PRODUCT_NAME_BYTES + 2, VENDOR_UNHEARD = UINT32_MAX };

/* Spaces of keys, by their first byte. */
enum space { SPACE_PRODUCT = 'p', SPACE_VENDOR = 'v', SPACE_EXACT = '=' };

struct key {
    char text[KEY_BYTES];
    size_t n;
};

enum err assets_init(struct arena *arena, struct assets *ret_assets, struct error *error)
{
    *ret_assets = (struct assets){.arena = arena};
    map_init(&ret_assets->key, arena, (size_t)ASSETS_MAX * LINKS_EACH);
    map_init(&ret_assets->vendors, arena, ASSETS_MAX);
    return words_load(arena, embedded_get("data/product-words.txt"), &ret_assets->words, error);
}

void assets_done(struct assets *a)
{
    map_done(&a->key);
    map_done(&a->vendors);
    vec_done(&a->asset);
    vec_done(&a->link);
}

static struct key key_of(enum space space, struct str first, struct str second)
{
    struct key k = {{(char)space}, 1};
    first = str_sub(first, 0, PRODUCT_NAME_BYTES);
    second = str_sub(second, 0, PRODUCT_NAME_BYTES);
    ascii_lower_all(k.text + k.n, first.p ? first.p : "", first.n);
    k.n += first.n;
    ascii_lower_all(k.text + k.n, second.p ? second.p : "", second.n);
    k.n += second.n;
    return k;
}

static struct str key_view(const struct key *k)
{
    return str_make(k->text, k->n);
}

static enum err link_under(struct assets *a, const struct key *key, uint32_t asset,
                           const struct product_name *name)
{
    struct asset_link l = {.asset = asset};
    const uint32_t *last = map_get(&a->key, key_view(key));
    if (key->n == 1)
        return OK;
    if (last && a->link.v[*last - 1].asset == asset)
        return OK; /* two of its names agree */
    l.next = last ? *last : 0;
    if (name->vendor.n) {
        TRY(map_intern(&a->vendors, product_key_str(&name->vendor), &l.vendor, NULL));
        l.vendor++;
    }
    struct str version = str_sub(product_key_str(&name->version), 0, sizeof l.version - 1);
    memcpy(l.version, version.p, version.n);
    TRY(vec_push(&a->link, l, (size_t)ASSETS_MAX * LINKS_EACH));
    return map_put(&a->key, key_view(key), (uint32_t)a->link.n);
}

static enum err link_name(struct assets *a, struct str name, struct str vendor, uint32_t asset)
{
    struct product_name n;
    product_name_read(&a->words, name, vendor, &n);
    struct str core = product_key_str(&n.core), v = product_key_str(&n.vendor);
    struct key bare = key_of(SPACE_PRODUCT, core, STR("")), full = key_of(SPACE_PRODUCT, v, core);
    struct key vendor_key = key_of(SPACE_VENDOR, v, STR(""));
    if (core.n)
        TRY(link_under(a, &bare, asset, &n));
    if (core.n && v.n)
        TRY(link_under(a, &full, asset, &n));
    return link_under(a, &vendor_key, asset, &n);
}

static enum err link_exact(struct assets *a, struct str name, uint32_t asset)
{
    static const struct product_name nothing;
    struct key key = key_of(SPACE_EXACT, str_trim(name), STR(""));
    return link_under(a, &key, asset, &nothing);
}

static struct str keep(struct assets *a, struct str s, enum err *rc)
{
    struct str copy = arena_str(a->arena, str_trim(str_sub(s, 0, ASSET_TEXT_BYTES)));
    if (!copy.p)
        *rc = ERR_NOMEM;
    return copy;
}

/* The host, else "product version". */
static struct str label_of(struct assets *a, const struct asset *x, struct str host, enum err *rc)
{
    struct buf b;
    if (str_trim(host).n)
        return keep(a, host, rc);
    buf_init(&b, (size_t)3 * ASSET_TEXT_BYTES);
    buf_str(&b, x->product.n ? x->product : x->vendor);
    if (x->version.n && x->product.n && str_find(x->product, x->version) < 0) {
        buf_putc(&b, ' ');
        buf_str(&b, x->version);
    }
    struct str label = keep(a, buf_view(&b), rc);
    buf_done(&b);
    return label;
}

enum err assets_row(struct assets *a, const struct asset_row *row)
{
    struct cpe cpe = {0};
    enum err rc = row->cpe.n ? cpe_parse(a->arena, row->cpe, &cpe) : OK;
    if (rc && rc != ERR_FORMAT)
        return rc;
    struct str product = str_trim(row->product), vendor = str_trim(row->vendor);
    if (!product.n && !vendor.n && !cpe.product.n && !cpe.vendor.n && !str_trim(row->host).n) {
        a->left_out++;
        return OK;
    }
    rc = OK;
    struct asset x = {
        .customer = keep(a, row->customer, &rc),
        .vendor = keep(a, vendor.n ? vendor : cpe.vendor, &rc),
        .product = keep(a, product.n ? product : cpe.product, &rc),
        .version = keep(a, row->version.n ? row->version : cpe.version, &rc),
    };
    x.label = label_of(a, &x, row->host, &rc);
    if (rc)
        return rc;
    uint32_t number = (uint32_t)a->asset.n;
    TRY(vec_push(&a->asset, x, ASSETS_MAX));
    TRY(link_name(a, x.product, x.vendor, number));
    if (cpe.product.n)
        TRY(link_name(a, cpe.product, cpe.vendor, number));
    TRY(link_exact(a, x.product, number));
    return link_exact(a, row->host, number);
}

enum err assets_add(struct assets *a, struct str text, struct str name, struct error *error)
{
    enum err rc = assets_read(a, text, name, error);
    if (rc == ERR_NOMEM)
        return fail_at(error, rc, name.p, 0, "out of memory");
    if (rc == ERR_LIMIT)
        return fail_at(error, rc, name.p, 0, "more than %d assets", ASSETS_MAX);
    return rc;
}

enum err assets_load(struct assets *a, struct str path, struct error *error)
{
    struct str text;
    struct arena arena;
    arena_init(&arena, (size_t)2 * ASSETS_FILE_BYTES);
    enum err rc = io_read_file(&arena, path, ASSETS_FILE_BYTES, &text, error);
    if (!rc)
        rc = assets_add(a, text, path, error);
    arena_done(&arena);
    return rc;
}

/* Told each asset of a walk; false ends it. */
struct walk {
    const struct assets *a;
    bool (*found)(void *ctx, uint32_t asset);
    void *ctx;
};

static bool versions_agree(const char *mine, struct str asked)
{
    return !mine[0] || !asked.n || str_eq(str_of(mine), str_sub(asked, 0, 11));
}

static bool walk_key(const struct walk *w, const struct key *key, const struct product_name *name)
{
    const uint32_t *at = map_get(&w->a->key, key_view(key)), *vendor = NULL;
    uint32_t asked = 0;
    if (name->vendor.n) {
        vendor = map_get(&w->a->vendors, product_key_str(&name->vendor));
        asked = vendor ? *vendor + 1 : VENDOR_UNHEARD;
    }
    for (uint32_t next = at ? *at : 0; next;) {
        const struct asset_link *l = &w->a->link.v[next - 1];
        next = l->next;
        if (l->vendor && asked && l->vendor != asked)
            continue;
        if (!versions_agree(l->version, product_key_str(&name->version)))
            continue;
        if (!w->found(w->ctx, l->asset))
            return false;
    }
    return true;
}

static bool walk_product(const struct walk *w, struct str product, struct str vendor)
{
    struct product_name name;
    product_name_read(&w->a->words, product, vendor, &name);
    struct str core = product_key_str(&name.core), v = product_key_str(&name.vendor);
    struct key bare = key_of(SPACE_PRODUCT, core, STR("")), full = key_of(SPACE_PRODUCT, v, core);
    if (!core.n)
        return true;
    return walk_key(w, &bare, &name) && (!v.n || walk_key(w, &full, &name));
}

static bool walk_vendor(const struct walk *w, struct str vendor)
{
    static const struct product_name nothing;
    struct product_key v;
    product_vendor_key(&w->a->words, vendor, &v);
    struct key key = key_of(SPACE_VENDOR, product_key_str(&v), STR(""));
    return v.n == 0 || walk_key(w, &key, &nothing);
}

/* A product, or a term that may be one, by its name; whatever the kind, what the user wrote down
 * letter by letter, and the products that the caller names beside it. */
static void walk(const struct walk *w, const struct asset_question *q)
{
    static const struct product_name nothing;
    struct key exact = key_of(SPACE_EXACT, str_trim(q->name), STR(""));
    if (exact.n > 1 && !walk_key(w, &exact, &nothing))
        return;
    if (q->kind == SUBJECT_VENDOR && !walk_vendor(w, q->name))
        return;
    if ((q->kind == SUBJECT_PRODUCT || q->kind == SUBJECT_TERM) &&
        !walk_product(w, q->name, q->vendor))
        return;
    for (size_t i = 0; q->others && i < q->others->n; i++) {
        struct str other = q->others->v[i];
        if (!(q->kind == SUBJECT_VENDOR ? walk_vendor(w, other)
                                        : walk_product(w, other, q->vendor)))
            return;
    }
}

static bool found_any(void *ctx, uint32_t asset)
{
    bool *any = ctx;
    (void)asset;
    *any = true;
    return false;
}

bool assets_concerned(const struct assets *a, const struct asset_question *q)
{
    bool any = false;
    struct walk w = {a, found_any, &any};
    walk(&w, q);
    return any;
}

struct found {
    VEC(uint32_t) list;
    enum err rc;
};

static bool found_one(void *ctx, uint32_t asset)
{
    struct found *f = ctx;
    f->rc = vec_push(&f->list, asset, (size_t)ASSETS_MAX * LINKS_EACH);
    return !f->rc;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool listed(const struct str_list *list, struct str s)
{
    for (size_t i = 0; i < list->n; i++)
        if (str_eq(list->v[i], s))
            return true;
    return false;
}

static enum err customers_join(struct arena *arena, const struct str_list *customers,
                               struct str *ret_text)
{
    struct buf b;
    buf_init(&b, (size_t)(ASSET_TEXT_BYTES + 2) * ASSETS_MATCH_MAX);
    for (size_t i = 0; i < customers->n; i++) {
        buf_puts(&b, b.n ? ", " : "");
        buf_str(&b, customers->v[i]);
    }
    *ret_text = arena_str(arena, buf_view(&b));
    enum err rc = b.rc;
    buf_done(&b);
    return rc ? rc : ret_text->p ? OK : ERR_NOMEM;
}

static enum err tell(const struct assets *a, const struct found *f, struct arena *arena,
                     struct asset_match *m)
{
    struct str_list customers = {arena_new_n(arena, struct str, ASSETS_MATCH_MAX), 0};
    m->labels.v = arena_new_n(arena, struct str, ASSETS_MATCH_MAX);
    if (!customers.v || !m->labels.v)
        return ERR_NOMEM;
    for (size_t i = 0; i < f->list.n; i++) {
        if (i && f->list.v[i] == f->list.v[i - 1])
            continue;
        const struct asset *x = &a->asset.v[f->list.v[i]];
        m->n++;
        if (m->labels.n < ASSETS_MATCH_MAX && !listed(&m->labels, x->label))
            m->labels.v[m->labels.n++] = x->label;
        if (customers.n < ASSETS_MATCH_MAX && x->customer.n && !listed(&customers, x->customer))
            customers.v[customers.n++] = x->customer;
    }
    return m->n ? customers_join(arena, &customers, &m->customer) : OK;
}

enum err assets_match(const struct assets *a, const struct asset_question *q, struct arena *arena,
                      struct asset_match *ret_match)
{
    struct found f = {0};
    struct walk w = {a, found_one, &f};
    *ret_match = (struct asset_match){0};
    walk(&w, q);
    if (f.list.n)
        qsort(f.list.v, f.list.n, sizeof *f.list.v, by_number);
    enum err rc = f.rc ? f.rc : tell(a, &f, arena, ret_match);
    vec_done(&f.list);
    return rc;
}
