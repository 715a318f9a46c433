/* tests/gen/evtx_make.h — event logs made by hand, token by token.
 *
 * What:   a chunk, its records, templates and values, right or wrong as a test wants them.
 * Input:  ASCII texts of the test.
 * Limits: one chunk at a time; a test that writes beyond it ends.
 * Owner:  plain data; make_file appends to the caller's buffer.
 * Spec:   docs/internals/EVTX.md
 */
#ifndef GEN_EVTX_MAKE_H
#define GEN_EVTX_MAKE_H

#include "base/buf.h"

enum { MAKE_CHUNK = 65536, MAKE_NAMES = 256 };

struct make {
    unsigned char p[MAKE_CHUNK];
    uint32_t at, record, definition;
    uint64_t first_id, last_id;
    uint32_t last_record;
    struct {
        char text[64];
        uint32_t at;
    } name[MAKE_NAMES];
    uint32_t n_names, event_at, data_at[16]; /* templates of make_event, by number of data */
};

struct make_value {
    uint8_t type;
    const void *p;
    uint16_t n;
};

void make_chunk(struct make *m, uint64_t first_id);
/* Writes the header with its sums. */
void make_chunk_end(struct make *m);
/* A file with the chunks that follow it in the buffer; flags: 1 is dirty. */
void make_file_header(struct buf *b, uint16_t n_chunks, uint32_t flags);
/* The number that the header of the file tells as the next one. */
void make_next_id(struct buf *b, uint64_t id);

void make_record(struct make *m);
void make_record_end(struct make *m);
void make_bytes(struct make *m, const void *p, size_t n);
void make_u8(struct make *m, unsigned v);
void make_u16(struct make *m, unsigned v);
void make_u32(struct make *m, uint32_t v);
void make_u64(struct make *m, uint64_t v);
/* UTF-16, without its length. */
void make_utf16(struct make *m, const char *text);

void make_fragment(struct make *m);
/* A name: written here the first time, pointed to later. */
void make_name(struct make *m, const char *name);
void make_open(struct make *m, const char *name, bool attributes, bool in_template);
void make_attribute(struct make *m, const char *name);
void make_text(struct make *m, const char *text);
void make_sub(struct make *m, unsigned sub, unsigned type, bool optional);
void make_start_end(struct make *m); /* > */
void make_empty_end(struct make *m); /* /> */
void make_end(struct make *m);       /* </...> */
void make_eof(struct make *m);
/* An instance whose definition begins here (definition == 0; then make_definition_end) or stands
 * elsewhere. Returns where the definition is. */
uint32_t make_instance(struct make *m, uint32_t definition);
void make_definition_end(struct make *m);
void make_values(struct make *m, const struct make_value *values, size_t n);

/* A whole ordinary record: System, and EventData with d0, d1, ... as given. */
void make_event(struct make *m, unsigned event_id, const struct make_value *data, size_t n);

#endif
