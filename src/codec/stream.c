#include "codec/stream.h"

#include "base/limits.h"
#include "base/utf.h"
#include "os/io.h"

#include <errno.h>
#include <isa-l/igzip_lib.h>
#include <lzma.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

enum {
    IN_BYTES = 256 * 1024,
    SNIFF_BYTES = 4096,
    BACK_BYTES = 16, /* of the last read, kept in front of the next: inflate gives bytes back */
};
enum packing { PLAIN, GZIP, ZSTD, XZ };
enum text { UTF8, UTF16_LE, UTF16_BE };

struct stream {
    struct stream_source source;
    bool by_offset; /* pread at `at` instead of read */
    bool ended;     /* there is no more of it: what is appended later is not this file */
    uint64_t at, to, taken, given;
    enum packing packing;
    enum text text;
    unsigned mark_bytes; /* of the byte order mark */
    bool in_end, out_end;
    struct error bad; /* why the input ended early; told again by every later call */
    char *in;         /* packed bytes, or plain bytes put back after sniffing */
    size_t in_at, in_n;
    struct inflate_state *gzip;
    ZSTD_DStream *zstd;
    lzma_stream xz;
    bool xz_open;
    bool inside; /* a gzip member, zstd frame or xz stream that has begun and not ended */
    bool padded; /* behind a gzip member: zeros may follow */
    char *units; /* UTF-16 code units not yet turned */
    size_t units_n;
    struct buf utf8; /* turned, not yet given out */
    size_t utf8_at;
};

/* Bytes of the file, which are told to whoever looks on. */
static enum err fetch(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    const struct stream_source *from = &s->source;
    *ret_n = 0;
    if (n > s->to - s->at)
        n = (size_t)(s->to - s->at);
    if (s->ended)
        n = 0;
    if (from->read && n) {
        TRY(from->read(from->ctx, p, n, ret_n, error));
    } else if (n) {
        ssize_t r = s->by_offset ? io_pread(from->fd, p, n, s->at) : io_read(from->fd, p, n);
        if (r < 0)
            return fail_at(error, ERR_IO, "", s->at, "%s", strerror(errno));
        *ret_n = (size_t)r;
        s->ended = s->by_offset && !r; /* less than asked for may also be an error to come */
    }
    s->at += *ret_n;
    s->taken += *ret_n;
    if (from->raw && *ret_n)
        from->raw(from->look, p, *ret_n);
    return OK;
}

static enum err refill(struct stream *s, struct error *error)
{
    if (s->in_at < s->in_n || s->in_end)
        return OK;
    size_t n;
    memmove(s->in, s->in + s->in_n - BACK_BYTES, BACK_BYTES);
    s->in_at = s->in_n = BACK_BYTES;
    TRY(fetch(s, s->in + BACK_BYTES, IN_BYTES, &n, error));
    s->in_n += n;
    s->in_end = n == 0;
    return OK;
}

static enum err read_plain(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    size_t got = 0;
    if (s->in_at < s->in_n) {
        got = s->in_n - s->in_at < n ? s->in_n - s->in_at : n;
        memcpy(p, s->in + s->in_at, got);
        s->in_at += got;
        *ret_n = got;
        return OK;
    }
    return fetch(s, p, n, ret_n, error);
}

/* Ends the input. What was unpacked before is given out first, see unpack(). */
static void damaged(struct stream *s, const char *what)
{
    s->out_end = true;
    (void)fail_at(&s->bad, ERR_FORMAT, "", s->taken - (s->in_n - s->in_at), "%s", what);
}

static bool exhausted(const struct stream *s)
{
    return s->in_end && s->in_at == s->in_n;
}

/* Several members may follow one another; zero padding behind the last one is ignored. */
static void read_gzip(struct stream *s, char *p, size_t n, size_t *ret_n)
{
    struct inflate_state *z = s->gzip;
    if (!s->inside) {
        while (s->in_at < s->in_n && s->padded && s->in[s->in_at] == 0)
            s->in_at++;
        if (s->in_at == s->in_n)
            return;
        if ((unsigned char)s->in[s->in_at] != 0x1f) {
            damaged(s, "other bytes follow the gzip data");
            return;
        }
        isal_inflate_init(z);
        z->crc_flag = ISAL_GZIP;
        s->inside = true;
    }
    z->next_in = (uint8_t *)s->in + s->in_at;
    z->avail_in = (uint32_t)(s->in_n - s->in_at);
    z->next_out = (uint8_t *)p;
    z->avail_out = (uint32_t)n;
    int rc = isal_inflate(z);
    ptrdiff_t at = (char *)z->next_in - s->in;
    bool lost = at < 0 || (size_t)at > s->in_n; /* damage can make it lose its place */
    s->in_at = lost ? s->in_n : (size_t)at;
    *ret_n = n - z->avail_out;
    if (lost || (rc != ISAL_DECOMP_OK && rc != ISAL_END_INPUT))
        damaged(s, "gzip data is damaged");
    else if (z->block_state == ISAL_BLOCK_FINISH)
        s->padded = !(s->inside = false);
}

static void read_zstd(struct stream *s, char *p, size_t n, size_t *ret_n)
{
    if (!s->inside && s->in_at == s->in_n)
        return; /* between frames: without input there is nothing to come */
    ZSTD_inBuffer in = {s->in, s->in_n, s->in_at};
    ZSTD_outBuffer out = {p, n, 0};
    size_t rc = ZSTD_decompressStream(s->zstd, &out, &in);
    s->in_at = in.pos;
    *ret_n = out.pos;
    s->inside = rc != 0;
    if (!ZSTD_isError(rc))
        return;
    damaged(s, ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge
                   ? "zstd data needs too much memory to unpack"
                   : "zstd data is damaged");
}

static void read_xz(struct stream *s, char *p, size_t n, size_t *ret_n)
{
    s->xz.next_in = (uint8_t *)s->in + s->in_at;
    s->xz.avail_in = s->in_n - s->in_at;
    s->xz.next_out = (uint8_t *)p;
    s->xz.avail_out = n;
    lzma_ret rc = lzma_code(&s->xz, exhausted(s) ? LZMA_FINISH : LZMA_RUN);
    s->in_at = s->in_n - s->xz.avail_in;
    *ret_n = n - s->xz.avail_out;
    s->inside = rc == LZMA_OK || rc == LZMA_BUF_ERROR;
    if (rc == LZMA_STREAM_END)
        s->out_end = true;
    else if (rc == LZMA_MEMLIMIT_ERROR)
        damaged(s, "xz data needs too much memory to unpack");
    else if (rc != LZMA_OK && rc != LZMA_BUF_ERROR)
        damaged(s, "xz data is damaged");
}

/* Reads and unpacks until there is output, an end, or damage. */
static enum err read_packed(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    while (*ret_n == 0 && !s->out_end) {
        TRY(refill(s, error));
        bool last = exhausted(s);
        switch (s->packing) {
        case PLAIN: return ERR_BUG;
        case GZIP: read_gzip(s, p, n, ret_n); break;
        case ZSTD: read_zstd(s, p, n, ret_n); break;
        case XZ: read_xz(s, p, n, ret_n); break;
        }
        if (!last || *ret_n || s->out_end)
            continue;
        if (s->inside)
            damaged(s, s->packing == GZIP   ? "gzip data is cut off"
                       : s->packing == ZSTD ? "zstd data is cut off"
                                            : "xz data is cut off");
        s->out_end = true;
    }
    return OK;
}

static enum err tell(const struct stream *s, struct error *error)
{
    if (error && s->bad.code)
        *error = s->bad;
    return s->bad.code;
}

static enum err unpack_some(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    *ret_n = 0;
    if (s->packing == PLAIN)
        return read_plain(s, p, n, ret_n, error);
    if (!s->out_end && s->given > STREAM_FREE_BYTES && s->given / STREAM_MAX_RATIO > s->taken) {
        s->out_end = true;
        (void)fail_at(&s->bad, ERR_LIMIT, "", s->taken, "unpacks to more than %d times its size",
                      STREAM_MAX_RATIO);
    }
    TRY(read_packed(s, p, n, ret_n, error));
    s->given += *ret_n;
    return *ret_n ? OK : tell(s, error);
}

static enum err unpack(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    enum err rc = unpack_some(s, p, n, ret_n, error);
    if (s->source.content && *ret_n)
        s->source.content(s->source.look, p, *ret_n);
    return rc;
}

static enum err read_utf16(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    enum err rc = OK;
    while (s->utf8_at == s->utf8.n && !rc) {
        size_t got = 0;
        rc = unpack(s, s->units + s->units_n, IN_BYTES / 4, &got, error);
        s->units_n += got;
        bool last = rc || got == 0;
        buf_reset(&s->utf8);
        s->utf8_at = 0;
        size_t used =
            utf16_to_utf8(&s->utf8, str_make(s->units, s->units_n), s->text == UTF16_BE, last);
        if (s->utf8.rc)
            return s->utf8.rc;
        memmove(s->units, s->units + used, s->units_n - used);
        s->units_n -= used;
        if (last)
            break;
    }
    *ret_n = s->utf8.n - s->utf8_at < n ? s->utf8.n - s->utf8_at : n;
    memcpy(p, s->utf8.p ? s->utf8.p + s->utf8_at : "", *ret_n);
    s->utf8_at += *ret_n;
    return *ret_n ? OK : rc;
}

enum err stream_read(struct stream *s, char *p, size_t n, size_t *ret_n, struct error *error)
{
    *ret_n = 0;
    if (s->text != UTF8)
        return read_utf16(s, p, n, ret_n, error);
    if (s->units_n) { /* sniffed UTF-8 text, put back */
        *ret_n = s->units_n < n ? s->units_n : n;
        memcpy(p, s->units, *ret_n);
        memmove(s->units, s->units + *ret_n, s->units_n - *ret_n);
        s->units_n -= *ret_n;
        return OK;
    }
    return unpack(s, p, n, ret_n, error);
}

static enum packing packing_of(struct str head)
{
    if (str_starts(head, STR("\x1f\x8b\x08")))
        return GZIP;
    if (str_starts(head, STR("\x28\xb5\x2f\xfd")))
        return ZSTD;
    if (str_starts(head, str_make("\xfd"
                                  "7zXZ\0",
                                  6)))
        return XZ;
    return PLAIN;
}

/* Without a mark: text in which every other byte of the start is NUL. */
static enum text text_of(struct str head, size_t *ret_bom)
{
    *ret_bom = 0;
    if (str_starts(head, STR("\xff\xfe")))
        return *ret_bom = 2, UTF16_LE;
    if (str_starts(head, STR("\xfe\xff")))
        return *ret_bom = 2, UTF16_BE;
    if (str_starts(head, STR("\xef\xbb\xbf")))
        return *ret_bom = 3, UTF8;
    if (str_starts(head, STR("Elf"))) /* Windows' event logs: full of UTF-16, but no text */
        return UTF8;
    size_t even = 0, odd = 0, n = head.n & ~(size_t)1;
    for (size_t i = 0; i < n; i += 2) {
        even += head.p[i] == 0;
        odd += head.p[i + 1] == 0;
    }
    if (n >= 32 && odd * 10 > n * 4 && even == 0)
        return UTF16_LE;
    if (n >= 32 && even * 10 > n * 4 && odd == 0)
        return UTF16_BE;
    return UTF8;
}

static enum err open_packing(struct stream *s)
{
    if (s->packing == GZIP) {
        s->gzip = malloc(sizeof *s->gzip);
        return s->gzip ? OK : ERR_NOMEM;
    }
    if (s->packing == ZSTD) {
        s->zstd = ZSTD_createDStream();
        if (s->zstd)
            (void)ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, STREAM_WINDOW_LOG);
        return s->zstd && !ZSTD_isError(ZSTD_initDStream(s->zstd)) ? OK : ERR_NOMEM;
    }
    if (s->packing == XZ) {
        s->xz_open = lzma_stream_decoder(&s->xz, STREAM_XZ_BYTES, LZMA_CONCATENATED) == LZMA_OK;
        return s->xz_open ? OK : ERR_NOMEM;
    }
    return OK;
}

/* Reads the first bytes, decides packing and text, and puts the bytes back. Damage among them is
 * told when they have been read. */
static enum err sniff(struct stream *s, struct error *error)
{
    size_t n = 0, got = 1, bom = 0;
    TRY(refill(s, error));
    s->packing = packing_of(str_make(s->in + s->in_at, s->in_n - s->in_at));
    if (open_packing(s))
        return fail(error, ERR_NOMEM, "out of memory");
    for (; n < SNIFF_BYTES && got; n += got) {
        enum err rc = unpack(s, s->units + n, SNIFF_BYTES - n, &got, error);
        if (rc && !s->bad.code)
            return rc;
    }
    s->text = text_of(str_make(s->units, n), &bom);
    s->mark_bytes = (unsigned)bom;
    memmove(s->units, s->units + bom, n - bom);
    s->units_n = n - bom;
    return OK;
}

/* A descriptor that others share stays where it is; pipes and inputs that somebody has begun to
 * read are read on from where they are. */
static bool at_start(int fd)
{
    return lseek(fd, 0, SEEK_CUR) == 0;
}

enum err stream_open(const struct stream_source *source, struct stream **ret_stream,
                     struct error *error)
{
    struct stream *s = calloc(1, sizeof *s);
    uint64_t from = source->from, to = source->to;
    *ret_stream = NULL;
    if (!s)
        return fail(error, ERR_NOMEM, "out of memory");
    *s = (struct stream){.source = *source,
                         .by_offset =
                             !source->read && (from || to != UINT64_MAX || at_start(source->fd)),
                         .at = from,
                         .to = to,
                         .xz = LZMA_STREAM_INIT};
    buf_init(&s->utf8, IN_BYTES * 4);
    s->in = malloc(BACK_BYTES + IN_BYTES);
    s->in_at = s->in_n = BACK_BYTES;
    s->units = malloc(IN_BYTES);
    enum err rc = s->in && s->units ? OK : fail(error, ERR_NOMEM, "out of memory");
    if (s->in)
        memset(s->in, 0, BACK_BYTES); /* what stands before the first read */
    if (!rc && from == 0)
        rc = sniff(s, error);
    if (rc) {
        (void)stream_close(s);
        return rc;
    }
    *ret_stream = s;
    return OK;
}

enum err stream_open_fd(int fd, struct stream **ret_stream, struct error *error)
{
    struct stream_source source = {.fd = fd, .to = UINT64_MAX};
    return stream_open(&source, ret_stream, error);
}

struct stream *stream_close(struct stream *s)
{
    if (s) {
        free(s->gzip);
        (void)ZSTD_freeDStream(s->zstd);
        if (s->xz_open)
            lzma_end(&s->xz);
        buf_done(&s->utf8);
        free(s->in);
        free(s->units);
        free(s);
    }
    return NULL;
}

uint64_t stream_taken(const struct stream *s)
{
    return s->taken;
}
bool stream_packed(const struct stream *s)
{
    return s->packing != PLAIN;
}
int stream_utf16(const struct stream *s)
{
    return s->text == UTF8 ? 0 : 2;
}

unsigned stream_mark(const struct stream *s)
{
    return s->mark_bytes;
}

enum err stream_drain(struct stream *s)
{
    size_t got = 1;
    while (s->source.content && got && unpack(s, s->units, IN_BYTES, &got, NULL) == OK)
        s->units_n = 0;
    for (;;) {
        s->in_at = s->in_n;
        TRY(refill(s, NULL));
        if (s->in_end)
            return OK;
    }
}
