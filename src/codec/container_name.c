#include "base/time.h"
#include "base/utf.h"
#include "codec/container_level.h"

/* Names and times of members. */

/* Code page 437 from 0x80 on: what zip's names are in that do not say. */
static const uint16_t cp437[128] = {
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef,
    0x00ee, 0x00ec, 0x00c4, 0x00c5, 0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9,
    0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192, 0x00e1, 0x00ed, 0x00f3, 0x00fa,
    0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557,
    0x255d, 0x255c, 0x255b, 0x2510, 0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f,
    0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567, 0x2568, 0x2564, 0x2565, 0x2559,
    0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
    0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4,
    0x221e, 0x03c6, 0x03b5, 0x2229, 0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248,
    0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0};

static bool add_undecoded(struct str name, bool zip, struct buf *b)
{
    for (size_t i = 0, n; i < name.n; i += n) {
        unsigned char c = (unsigned char)name.p[i];
        int32_t cp = utf8_next(name, i, &n);
        if (zip && c >= 0x80) {
            utf8_add(b, cp437[c - 0x80]);
            n = 1;
        } else {
            utf8_add(b, cp == UTF_BAD ? 0xfffd : (uint32_t)cp);
        }
    }
    return zip;
}

/* Zips of Windows programs that part folders by backslashes. */
static void turn_slashes(struct buf *b, size_t from)
{
    struct str name = str_sub(buf_view(b), from, b->n);
    if (str_chr(name, '/') >= 0)
        return;
    for (size_t i = from; i < b->n; i++)
        if (b->p[i] == '\\')
            b->p[i] = '/';
}

bool nest_name(struct level *l, uint32_t ordinal, struct buf *b)
{
    size_t from = b->n;
    bool text = true;
    struct str raw = l->place ? zip_directory_name(l->directory, l->place) : STR("");
    struct str told = str_of(archive_entry_pathname(l->entry));
    if (raw.n && utf8_valid(raw))
        buf_str(b, raw); /* with the NUL that a C string would end at */
    else if (told.n && utf8_valid(told))
        buf_str(b, told);
    else if (raw.n || told.n)
        text = add_undecoded(raw.n ? raw : told, l->form == FORM_ZIP, b);
    else
        buf_printf(b, "member-%u", ordinal);
    if (l->form == FORM_ZIP)
        turn_slashes(b, from);
    return text && (raw.n || told.n);
}

static int64_t time_of(int64_t s, long ns)
{
    static const struct civil first = {1601, 1, 1}, last = {9999, 12, 31};
    if (!s || s <= time_of_civil(&first) / US_PER_S || s > time_of_civil(&last) / US_PER_S)
        return TIME_NONE;
    return s * US_PER_S + ns / 1000;
}

void nest_times(const struct level *l, struct container_member *m)
{
    struct archive_entry *e = l->entry;
    if (l->place)
        m->modified_us = l->place->modified_us; /* libarchive takes no time for one in 1979 */
    else if (archive_entry_mtime_is_set(e))
        m->modified_us = time_of(archive_entry_mtime(e), archive_entry_mtime_nsec(e));
    if (archive_entry_atime_is_set(e))
        m->accessed_us = time_of(archive_entry_atime(e), archive_entry_atime_nsec(e));
    if (archive_entry_birthtime_is_set(e))
        m->created_us = time_of(archive_entry_birthtime(e), archive_entry_birthtime_nsec(e));
    if (!archive_entry_ctime_is_set(e) || archive_entry_ctime(e) == 0)
        e = NULL;
    /* That of zip and 7z is the time of creation. */
    if (e && (l->form == FORM_TAR || l->form == FORM_PACKED))
        m->changed_us = time_of(archive_entry_ctime(e), archive_entry_ctime_nsec(e));
    else if (e && m->created_us == TIME_NONE)
        m->created_us = time_of(archive_entry_ctime(e), archive_entry_ctime_nsec(e));
    if (l->place && l->place->created_us != TIME_NONE)
        m->created_us = l->place->created_us;
    if (l->place && l->place->accessed_us != TIME_NONE)
        m->accessed_us = l->place->accessed_us;
}
