#include "gen/evtx_make.h"

#include <isa-l/crc.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TEXT = 0x01,
    U8 = 0x04,
    U16 = 0x06,
    U32 = 0x08,
    U64 = 0x0a,
    FILETIME = 0x11,
    SID = 0x13,
    HEX64 = 0x15,
    BINXML = 0x21
};

static unsigned char *room(struct make *m, size_t n)
{
    if (n > MAKE_CHUNK - m->at) {
        fprintf(stderr, "evtx_make: the chunk is full\n");
        abort();
    }
    m->at += (uint32_t)n;
    return m->p + m->at - n;
}

static void put(unsigned char *p, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (unsigned char)(v >> (8 * i));
}

void make_bytes(struct make *m, const void *p, size_t n)
{
    if (n)
        memcpy(room(m, n), p, n);
}
void make_u8(struct make *m, unsigned v)
{
    put(room(m, 1), v, 1);
}
void make_u16(struct make *m, unsigned v)
{
    put(room(m, 2), v, 2);
}
void make_u32(struct make *m, uint32_t v)
{
    put(room(m, 4), v, 4);
}
void make_u64(struct make *m, uint64_t v)
{
    put(room(m, 8), v, 8);
}
void make_utf16(struct make *m, const char *text)
{
    for (; *text; text++)
        make_u16(m, (unsigned char)*text);
}

/* ---- chunks and records ---- */

void make_chunk(struct make *m, uint64_t first_id)
{
    memset(m, 0, sizeof *m);
    m->at = 512;
    m->first_id = first_id;
    m->last_id = first_id - 1;
}

void make_chunk_end(struct make *m)
{
    memcpy(m->p, "ElfChnk", 8);
    put(m->p + 8, m->first_id, 8);
    put(m->p + 16, m->last_id, 8);
    put(m->p + 24, m->first_id, 8);
    put(m->p + 32, m->last_id, 8);
    put(m->p + 40, 128, 4);
    put(m->p + 44, m->last_record, 4);
    put(m->p + 48, m->at, 4);
    put(m->p + 52, crc32_gzip_refl(0, m->p + 512, m->at - 512), 4);
    put(m->p + 124, crc32_gzip_refl(crc32_gzip_refl(0, m->p, 120), m->p + 128, 384), 4);
}

void make_file_header(struct buf *b, uint16_t n_chunks, uint32_t flags)
{
    unsigned char p[4096] = {0};
    memcpy(p, "ElfFile", 8);
    put(p + 16, n_chunks - 1u, 8);
    put(p + 32, 128, 4);
    put(p + 36, 1, 2);
    put(p + 38, 3, 2);
    put(p + 40, 4096, 2);
    put(p + 42, n_chunks, 2);
    put(p + 120, flags, 4);
    put(p + 124, crc32_gzip_refl(0, p, 120), 4);
    buf_add(b, p, sizeof p);
}

void make_next_id(struct buf *b, uint64_t id)
{
    unsigned char *p = (unsigned char *)b->p;
    put(p + 24, id, 8);
    put(p + 124, crc32_gzip_refl(0, p, 120), 4);
}

void make_record(struct make *m)
{
    m->record = m->last_record = m->at;
    m->last_id++;
    make_u32(m, 0x00002a2a);
    make_u32(m, 0);
    make_u64(m, m->last_id);
    make_u64(m, UINT64_C(132539328000000000) + m->last_id * 10000000);
}

void make_record_end(struct make *m)
{
    while ((m->at + 4 - m->record) % 8)
        make_u8(m, 0);
    uint32_t size = m->at + 4 - m->record;
    make_u32(m, size);
    put(m->p + m->record + 4, size, 4);
}

/* ---- tokens ---- */

void make_fragment(struct make *m)
{
    make_bytes(m, "\x0f\x01\x01\x00", 4);
}

void make_name(struct make *m, const char *name)
{
    for (uint32_t i = 0; i < m->n_names; i++)
        if (strcmp(m->name[i].text, name) == 0) {
            make_u32(m, m->name[i].at);
            return;
        }
    uint32_t at = m->at + 4;
    if (m->n_names < MAKE_NAMES) {
        (void)snprintf(m->name[m->n_names].text, sizeof m->name[0].text, "%s", name);
        m->name[m->n_names++].at = at;
    }
    make_u32(m, at);
    make_u32(m, 0);
    make_u16(m, 0);
    make_u16(m, (unsigned)strlen(name));
    make_utf16(m, name);
    make_u16(m, 0);
}

void make_open(struct make *m, const char *name, bool attributes, bool in_template)
{
    make_u8(m, attributes ? 0x41 : 0x01);
    if (in_template)
        make_u16(m, 0xffff);
    make_u32(m, 0);
    make_name(m, name);
    if (attributes)
        make_u32(m, 0);
}

void make_attribute(struct make *m, const char *name)
{
    make_u8(m, 0x06);
    make_name(m, name);
}

void make_text(struct make *m, const char *text)
{
    make_u8(m, 0x05);
    make_u8(m, TEXT);
    make_u16(m, (unsigned)strlen(text));
    make_utf16(m, text);
}

void make_sub(struct make *m, unsigned sub, unsigned type, bool optional)
{
    make_u8(m, optional ? 0x0e : 0x0d);
    make_u16(m, sub);
    make_u8(m, type);
}

void make_start_end(struct make *m)
{
    make_u8(m, 0x02);
}
void make_empty_end(struct make *m)
{
    make_u8(m, 0x03);
}
void make_end(struct make *m)
{
    make_u8(m, 0x04);
}
void make_eof(struct make *m)
{
    make_u8(m, 0x00);
}

uint32_t make_instance(struct make *m, uint32_t definition)
{
    make_u8(m, 0x0c);
    make_u8(m, 1);
    make_u32(m, 0x11223344);
    bool here = definition == 0;
    definition = here ? m->at + 4 : definition;
    make_u32(m, definition);
    if (!here)
        return definition;
    m->definition = definition;
    make_u32(m, 0);
    make_u32(m, 0x11223344);
    make_bytes(m, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
    make_u32(m, 0);
    return definition;
}

void make_definition_end(struct make *m)
{
    put(m->p + m->definition + 20, m->at - m->definition - 24, 4);
}

void make_values(struct make *m, const struct make_value *values, size_t n)
{
    make_u32(m, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        make_u16(m, values[i].n);
        make_u8(m, values[i].type);
        make_u8(m, 0);
    }
    for (size_t i = 0; i < n; i++)
        make_bytes(m, values[i].p, values[i].n);
}

/* ---- an ordinary event ---- */

static void leaf(struct make *m, const char *name, unsigned sub, unsigned type)
{
    make_open(m, name, false, true);
    make_start_end(m);
    make_sub(m, sub, type, true);
    make_end(m);
}

static void system_template(struct make *m)
{
    make_fragment(m);
    make_open(m, "Event", true, true);
    make_attribute(m, "xmlns");
    make_text(m, "http://schemas.microsoft.com/win/2004/08/events/event");
    make_start_end(m);
    make_open(m, "System", false, true);
    make_start_end(m);
    make_open(m, "Provider", true, true);
    make_attribute(m, "Name");
    make_text(m, "Made-By-Hand");
    make_empty_end(m);
    leaf(m, "EventID", 0, U16);
    leaf(m, "Keywords", 1, HEX64);
    make_open(m, "TimeCreated", true, true);
    make_attribute(m, "SystemTime");
    make_sub(m, 2, FILETIME, true);
    make_empty_end(m);
    leaf(m, "EventRecordID", 3, U64);
    leaf(m, "Channel", 4, TEXT);
    leaf(m, "Computer", 5, TEXT);
    make_open(m, "Security", true, true);
    make_attribute(m, "UserID");
    make_sub(m, 6, SID, true);
    make_empty_end(m);
    make_end(m);
    make_sub(m, 7, BINXML, true);
    make_end(m);
    make_eof(m);
}

static void data_template(struct make *m, size_t n)
{
    make_fragment(m);
    make_open(m, "EventData", false, true);
    make_start_end(m);
    for (size_t i = 0; i < n; i++) {
        char name[8] = {'d', (char)('0' + i % 10)};
        make_open(m, "Data", true, true);
        make_attribute(m, "Name");
        make_text(m, name);
        make_start_end(m);
        make_sub(m, (unsigned)i, TEXT, false);
        make_end(m);
    }
    make_end(m);
    make_eof(m);
}

void make_event(struct make *m, unsigned event_id, const struct make_value *data, size_t n)
{
    unsigned char id[2], record_id[8], keywords[8], time[8];
    make_record(m);
    make_fragment(m);
    bool here = m->event_at == 0;
    m->event_at = make_instance(m, m->event_at);
    if (here) {
        system_template(m);
        make_definition_end(m);
    }
    put(id, event_id, 2);
    put(record_id, m->last_id, 8);
    put(keywords, UINT64_C(0x8020000000000000), 8);
    memcpy(time, m->p + m->record + 16, 8);
    const struct make_value values[] = {
        {U16, id, 2},           {HEX64, keywords, 8}, {FILETIME, time, 8}, {U64, record_id, 8},
        {TEXT, "S\0e\0c\0", 6}, {TEXT, "P\0C\0", 4},  {0, "", 0},          {BINXML, "", 0}};
    make_values(m, values, 8);
    uint32_t size_at = m->at - (6 + 8 + 8 + 8 + 2 + 4) - 4, from = m->at;
    make_fragment(m);
    here = m->data_at[n] == 0;
    m->data_at[n] = make_instance(m, m->data_at[n]);
    if (here) {
        data_template(m, n);
        make_definition_end(m);
    }
    make_values(m, data, n);
    make_eof(m);
    put(m->p + size_at, m->at - from, 2);
    make_eof(m);
    make_record_end(m);
}
