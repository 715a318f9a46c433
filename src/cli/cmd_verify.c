#include "base/hash.h"
#include "cli/case_open.h"
#include "codec/json.h"
#include "os/io.h"
#include "output/escape.h"
#include "output/json_writer.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Recomputes the chain of a case, and the hashes of the evidence that is still there. */

struct verify_values {
    bool json, no_evidence;
    struct str case_file, expect;
};
const size_t verify_values_size = sizeof(struct verify_values);

const struct option_def verify_option_defs[] = {
    {.name = "case",
     TEXT(struct verify_values, case_file),
     .arg = "FILE",
     .help = "the case; needed"},
    {.name = "json", FLAG(struct verify_values, json), .help = "print JSON Lines"},
    {.name = "no-evidence",
     FLAG(struct verify_values, no_evidence),
     .help = "only the chain: evidence is not read again"},
    {.name = "expect",
     TEXT(struct verify_values, expect),
     .arg = "HASH",
     .help = "the end of the chain, as an earlier verify told it"},
    {0},
};

enum { ARENA_BYTES = 64 * 1024 * 1024, HEX = 2 * SHA256_BYTES };

struct run {
    struct cli *cli;
    const struct verify_values *values;
    struct case_store store;
    struct arena arena; /* of the object at hand */
    struct buf out;
    uint64_t versions, wrong, same, absent, unhashed;
    struct error *error;
};

static void problem(struct run *r, struct str what, struct str of, struct str why)
{
    r->wrong++;
    if (r->values->json) {
        struct json j;
        json_init(&j, &r->out);
        json_object(&j, NULL);
        json_text(&j, "type", "problem");
        json_str(&j, "what", what);
        json_str(&j, "of", of);
        json_str(&j, "reason", why);
        json_end(&j);
        json_line(&j);
        return;
    }
    escape_terminal(&r->out, what, false);
    buf_puts(&r->out, of.n ? " (" : "");
    escape_terminal(&r->out, of, false);
    buf_printf(&r->out, "%s: %.*s\n", of.n ? ")" : "", STR_FMT(why));
}

static enum err on_broken(void *ctx, uint64_t version, const struct case_item *item, struct str why)
{
    struct run *r = ctx;
    struct buf what;
    buf_init(&what, 1024);
    if (version)
        buf_printf(&what, "version %" PRIu64, version);
    else if (item->run)
        buf_printf(&what, "run %" PRIu64, item->run);
    else
        buf_str(&what, item->type);
    if (version && item)
        buf_printf(&what, ", %.*s of run %" PRIu64, STR_FMT(item->type), item->run);
    problem(r, buf_view(&what), item ? item->host : STR_NONE, why);
    buf_done(&what);
    return r->out.rc;
}

/* ---- evidence ---- */

static enum err hash_open(int fd, char ret_hex[HEX + 1])
{
    unsigned char digest[SHA256_BYTES];
    char bytes[64 * 1024];
    struct sha256 h;
    ssize_t n;
    TRY(sha256_init(&h));
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        sha256_add(&h, bytes, (size_t)n);
    sha256_end(&h, digest);
    sha256_done(&h);
    hex_of(digest, sizeof digest, ret_hex);
    return n ? ERR_IO : OK;
}

static enum err hash_file(struct run *r, struct str path, char ret_hex[HEX + 1])
{
    struct error ignored = {0};
    struct io_tree tree = {0};
    int fd = -1;
    enum err rc = io_list(&r->arena, &path, 1, &tree, &ignored);
    if (!rc && tree.n != 1)
        rc = ERR_IO;
    if (!rc)
        rc = io_open_entry(&tree, &tree.entry[0], &fd, &ignored);
    if (!rc) {
        rc = hash_open(fd, ret_hex);
        io_close(fd);
    }
    io_tree_close(&tree);
    return rc;
}

static enum err on_evidence(void *ctx, const struct case_item *item)
{
    struct run *r = ctx;
    struct node *body;
    char hex[HEX + 1];
    arena_reset(&r->arena);
    TRY(json_parse(&r->arena, item->body, item->type, &body, r->error));
    struct str file = node_text(body, "file"), sha = node_text(body, "sha256");
    if (!sha.n)
        r->unhashed++;
    else if (!file.n || !io_exists(file))
        r->absent++;
    else if (hash_file(r, file, hex))
        problem(r, STR("evidence"), file, STR("cannot be read"));
    else if (!str_eq(str_of(hex), sha))
        problem(r, STR("evidence"), file, STR("it is not what was read"));
    else
        r->same++;
    return r->out.rc;
}

/* ---- what was purged ---- */

/* It is not there any more by somebody's will: no problem, and not to be passed over. */
static enum err on_purge(void *ctx, const struct case_item *item)
{
    struct run *r = ctx;
    struct node *body;
    arena_reset(&r->arena);
    TRY(json_parse(&r->arena, item->body, item->type, &body, r->error));
    if (r->values->json) {
        buf_str(&r->out, item->body);
        buf_putc(&r->out, '\n');
        return r->out.rc;
    }
    const char *const parts[] = {
        "purged: ", "versions", " versions of ", "objects", " objects, by ",
        "who",      " on ",     "time",          ": ",      "why"};
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (i % 2)
            escape_terminal(&r->out, node_text(body, parts[i]), false);
        else
            buf_puts(&r->out, parts[i]);
    buf_putc(&r->out, '\n');
    return r->out.rc;
}

/* ---- telling ---- */

static void tell_end(struct run *r, const char *end)
{
    if (r->values->json) {
        struct json j;
        json_init(&j, &r->out);
        json_object(&j, NULL);
        json_text(&j, "type", "summary");
        json_text(&j, "verb", "verify");
        json_u64(&j, "versions", r->versions);
        json_u64(&j, "problems", r->wrong);
        json_text(&j, "end", end);
        json_u64(&j, "evidence_same", r->same);
        json_u64(&j, "evidence_absent", r->absent);
        json_u64(&j, "evidence_unhashed", r->unhashed);
        json_end(&j);
        json_line(&j);
        return;
    }
    buf_printf(&r->out, "%" PRIu64 " versions, %s\n", r->versions,
               r->wrong ? "not all of them as they were written" : "all as they were written");
    if (!r->values->no_evidence)
        buf_printf(&r->out,
                   "evidence: %" PRIu64 " files as they were read, %" PRIu64
                   " not there any more, %" PRIu64 " were not hashed\n",
                   r->same, r->absent, r->unhashed);
    buf_printf(&r->out, "end of the chain: %s\n", end);
}

static enum err check(struct run *r, struct error *error)
{
    struct case_query evidence = {.type = "evidence", .since_us = TIME_NONE, .until_us = TIME_NONE};
    struct case_query purges = {.type = "purge", .since_us = TIME_NONE, .until_us = TIME_NONE};
    char end[HEX + 1];
    TRY(case_verify(&r->store, on_broken, r, &r->versions, error));
    TRY(case_each(&r->store, &purges, on_purge, r, error));
    if (!r->values->no_evidence)
        TRY(case_each(&r->store, &evidence, on_evidence, r, error));
    hex_of(r->store.chain, SHA256_BYTES, end);
    if (r->values->expect.p && !str_ieq(r->values->expect, str_of(end)))
        problem(r, STR("the chain"), r->values->expect, STR("it ends elsewhere"));
    tell_end(r, end);
    return r->out.rc;
}

enum status cmd_verify(struct cli *cli, const void *values, const struct str_list *operands)
{
    struct error error = {0};
    struct run r = {.cli = cli, .values = values, .error = &error};
    (void)operands;
    enum status status = case_open_named(cli, r.values->case_file, &r.store);
    if (status)
        return status;
    arena_init(&r.arena, ARENA_BYTES);
    buf_init(&r.out, ARENA_BYTES);
    enum err rc = check(&r, &error);
    if (!rc)
        status = cli_print(cli, &r.out);
    else if (!error.code)
        (void)fail(&error, rc, "cannot go on: %s", err_name(rc));
    buf_done(&r.out);
    arena_done(&r.arena);
    case_close(&r.store);
    return rc ? cli_error(cli, &error) : status ? status : r.wrong ? STATUS_FOUND : STATUS_OK;
}
