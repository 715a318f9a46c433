/* shell_priv.h — what the sources of the recogniser of web shells share.
 *
 * What:   the compiled policy, tokens, values with what is known of them, and the state of a look.
 * Input:  see shell.h.
 * Limits: see shell.h.
 * Owner:  all of a look lives in the arena given to shell_judge.
 * Spec:   docs/internals/SHELL.md
 */
#ifndef MATCH_SHELL_PRIV_H
#define MATCH_SHELL_PRIV_H

#include "match/lit.h"
#include "match/shell.h"

enum {
    SHELL_FEATURES = 160,
    SHELL_RULES = 96,
    SHELL_CANS = 24,
    SHELL_PARAMS = 8,
    SHELL_ARGS = 12,
    SHELL_DEPTH = 96,  /* of nested expressions */
    SHELL_BODIES = 12, /* functions inside functions */
    SHELL_GROWN = 64,  /* of one that is filled by assignments */
    SHELL_ITEMS = 512, /* of an array that is put together */
    SHELL_SYMBOLS = 1 << 16,
    SHELL_FUNCS = 4096,
    SHELL_INNERS = 2000,      /* literals of code that are judged */
    SHELL_LOST_HEREDOCS = 16, /* that have no end: each one costs a look at all the rest */
    SHELL_LONG = 400,         /* a literal of as many bytes is a payload rather than a word */
    SHELL_CONST = 4 << 20     /* no constant grows longer */
};

enum shell_lang { SL_PHP, SL_VB, SL_NET, SL_JAVA };

/* Where a value must not end up. The names are in shell_policy.c; a feature is "<grade>-to-<name>".
 */
enum shell_sink {
    SINK_NONE,
    SINK_EVAL,
    SINK_COMMAND,
    SINK_CALLBACK,
    SINK_INCLUDE,
    SINK_CLASS,
    SINK_WRITE,
    SINK_UPLOAD,
    SINK_DATABASE,
    SINK_CONNECTION,
    SINK_XSL,
    SINK_OBJECT,
    SINK_LOOKUP,
    SINK_READ,
    SINK_LIST,
    SINK_PATTERN, /* preg_replace: eval if the pattern says so */
    SINK_CREATE,  /* create_function: the second argument is code */
    SINK_LOGIN,   /* into a database */
    SINK_MAIL,
    SINK_N
};

/* What is known of a value's origin, as a set. */
enum {
    T_REQUEST = 1 << 0, /* a request brought it */
    T_FRONT = 1 << 1,   /* and its first bytes too: 'x_' . $_GET['a'] lacks this */
    T_REMOTE = 1 << 2,  /* fetched from elsewhere */
    T_UNSET = 1 << 3,   /* a variable that nothing in this file sets */
    T_DECODED = 1 << 4, /* went through a decoder */
    T_LONG = 1 << 5,    /* stems from a long literal */
    T_PIECED = 1 << 6,  /* a constant put together from pieces */
    T_FILE = 1 << 7,    /* read from a file */
    T_CONTROL = 1 << 8, /* what was typed into a server control */
    T_HANDLE = 1 << 9,  /* a file opened for writing */
    T_SCRIPT = 1 << 10, /* a name that ends as scripts do */
    T_DANGER = 1 << 11, /* a class or method that runs things, by reflection or by COM */
    T_HASH = 1 << 12,   /* a digest */
    T_UPLOAD = 1 << 13, /* a file that the request brought */
    T_HEADER = 1 << 14, /* it stood in a header of the request */
    T_PARAM = 1 << 16,  /* of the function's first parameter; the next ones shifted */
    T_PARAMS = ((1 << SHELL_PARAMS) - 1) << 16,
};

/* Constant functions that are carried out. */
enum shell_op {
    OP_NONE,
    OP_BASE64,
    OP_HEX,
    OP_INFLATE,
    OP_ROT13,
    OP_REVERSE,
    OP_URL,
    OP_CHR,
    OP_REPLACE,
    OP_SUBSTR,
    OP_LOWER,
    OP_UPPER,
    OP_TRIM,
    OP_JOIN,
    OP_TRANSLATE,
    OP_PACK,
    OP_SPLIT,
    OP_STRIP,
    OP_SAME,
    OP_RANGE,
    OP_OTHER, /* a decoder that is not carried out */
    OP_N
};

enum { /* role.is */
       ROLE_SOURCE = 1 << 0,
       ROLE_SOURCE_CALL = 1 << 1,
       ROLE_PASS = 1 << 2,
       ROLE_CLEAN = 1 << 3,
       ROLE_FILL = 1 << 4, /* arguments are written to */
       ROLE_OPEN = 1 << 5, /* gives a handle that writes */
       ROLE_HASH = 1 << 6,
       ROLE_REMOTE = 1 << 7,
       ROLE_IMPORT = 1 << 8, /* request values become variables */
       ROLE_FEED = 1 << 9,   /* the object takes up its arguments */
       ROLE_INPUT = 1 << 10, /* a member of a server control */
       ROLE_DANGER = 1 << 11,
       ROLE_REFLECT = 1 << 12,
       ROLE_KEEP = 1 << 13, /* where values outlive a request: session items */
       ROLE_TYPE = 1 << 14,
       ROLE_LOADER = 1 << 15,
       ROLE_SET = 1 << 16, /* a property whose assignment is the sink */
       ROLE_UPLOAD = 1 << 17,
       ROLE_READ = 1 << 18,
       ROLE_EXPOSED = 1 << 19, /* marks functions that a request calls */
};

struct shell_role {
    struct str name; /* lower case; p == NULL: a free slot */
    uint8_t table;   /* 0 php, 1 asp, 2 java */
    uint8_t sink, op;
    uint32_t is, can;
};

struct shell_feature {
    struct str id, says;
    double weight;
};

struct shell_rule {
    struct str id;
    enum shell_tier tier;
    uint16_t all[8], any[24], also[24], none[12];
    uint8_t n_all, n_any, n_also, n_none;
    uint32_t min_can;
    double min_score;
};

struct shell_words {
    struct str word[24];
    uint8_t n;
};

/* A word after which something is run, of a language that is read by statements. */
struct shell_line_sink {
    uint8_t sink;
    struct shell_words words;
    struct str with, without; /* stands, does not stand behind it */
    bool second;              /* the second argument is what is run */
    bool anywhere;            /* what a request brings may stand anywhere behind it */
    bool bare;                /* behind a quote it is a name only */
    bool own;                 /* reads the request itself */
};

struct shell_script {
    struct str language, cut, comment, needs;
    bool sigils; /* names of variables have $ before them */
    bool pages;  /* stands between tags, or is put into pages */
    bool plain;  /* but not where they are given a value, as in the shell */
    struct shell_words endings, interpreters, sources, fills, checks;
    struct shell_line_sink sink[8];
    size_t n_sinks;
};

struct shell {
    struct shell_feature feature[SHELL_FEATURES];
    size_t n_features;
    uint16_t to_sink[5][SINK_N]; /* features by grade and sink; 0: not in the policy */
    uint16_t known[64];          /* features that C code finds, by enum shell_known */
    uint16_t can[SHELL_CANS];
    size_t n_cans;
    struct shell_rule rule[SHELL_RULES];
    size_t n_rules;
    double tier_score[SHELL_CERTAIN + 1];
    struct shell_role *role;
    size_t role_mask, n_roles;
    struct lit_set *words;
    uint16_t *word_feature;
    size_t n_words;
    struct shell_script script[8];
    size_t n_scripts;
    struct str *script_ending, *odd_ending, *picture_ending;
    size_t n_script_endings, n_odd_endings, n_picture_endings;
};

/* Features that are not "<grade>-to-<sink>", "can-..." or words; shell_policy.c has their ids. */
enum shell_known {
    K_REQUEST_NAMES_FUNCTION,
    K_REQUEST_CALLS_FUNCTION,
    K_REQUEST_TO_HIDDEN,
    K_REQUEST_NAMES_CLASS,
    K_HIDDEN_NAME,
    K_SINK_AS_CALLBACK,
    K_REQUEST_TO_SCRIPT,
    K_CODE_TO_SCRIPT,
    K_COMMENT_SPLITS,
    K_PASSWORD_GATE,
    K_READS_REQUEST,
    K_IMPORTS_REQUEST,
    K_INCLUDES,
    K_DEFINES,
    K_TINY,
    K_SMALL,
    K_ODD_FILE,
    K_IMAGE_HEAD,
    K_WRAPPED_HEAD,
    K_AFTER_END,
    K_PUSHED_RIGHT,
    K_LONG_LITERAL,
    K_ESCAPES,
    K_UNICODE_ESCAPES,
    K_NO_LETTERS,
    K_LOADER_CLASS,
    K_DANGER_NAME,
    K_COMMAND_SHELL,
    K_DUMP_SCRIPT,
    K_DUMP,
    K_HANDLER,
    K_PREPEND,
    K_ENCODED_SCRIPT,
    K_ODD_NAMES,
    K_LAYERS,
    K_UNSEEN_CALL,
    K_INTO_EVAL,
    K_INTO_COMMAND,
    K_HEADER_CONNECTION,
    K_DECODED_SCRIPT,
    K_PIECED_COMPONENT,
    K_PAGE,
    K_REQUEST_DECODED,
    K_SILENCED,
    K_INCLUDES_PICTURE,
    K_NAMELESS_CALL,
    K_BY_LINE,
    K_COUNT
};

enum tok_kind { TOK_END, TOK_NAME, TOK_VAR, TOK_TEXT, TOK_NUMBER, TOK_OP, TOK_STOP, TOK_SHELL };
enum { TOK_INTERP = 1, TOK_COMMENT = 2, TOK_FIRST = 4 };

/* Operators of more than one byte, as one. */
enum {
    O_COMPARE = 'E',
    O_LOGIC = 'L',
    O_ARROW = 'M',
    O_SCOPE = 'S',
    O_PAIR = 'A',
    O_APPEND = 'C',
    O_PLUS_IS = 'P',
    O_XOR_IS = 'X',
    O_OTHER_IS = 'O',
    O_ELSE = 'Q',
    O_STEP = 'I',
    O_SHIFT = 'H',
};

struct tok {
    uint8_t kind, op, flags, lang;
    uint32_t sym; /* of names and variables */
    uint32_t at, len;
    union {
        struct str text;
        int64_t num;
    };
};

struct val {
    uint32_t taint, at, len;
    struct str text; /* p == NULL: not known */
    int64_t num;
    bool is_num, part; /* part: an element of what slot names, not all of it */
    uint32_t slot;     /* of the variable it was read from, + 1 */
    uint32_t func;     /* a function of this file, + 1 */
    uint32_t last;     /* the last name of the path that led here, + 1 */
    struct val *item;
    uint32_t n_items;
    bool roomy; /* item has room for SHELL_GROWN */
};

struct shell_sym {
    struct str name;
    uint64_t hash;
    const struct shell_role *role;
    uint32_t func; /* + 1 */
};

struct shell_var {
    uint64_t key;           /* 0: free */
    struct val now, before; /* before: what the first pass left */
    bool set;
};

struct shell_func {
    uint32_t sym, n_params;
    uint32_t param[SHELL_PARAMS];
    uint32_t ret;                   /* taint, with T_PARAM bits */
    uint32_t to_sink[SHELL_PARAMS]; /* which sinks each parameter reaches */
    uint32_t to_slot[SHELL_PARAMS]; /* the property that keeps it, + 1 */
    bool decodes;                   /* makes characters of numbers, or undoes a coding */
};

struct seen {
    uint32_t at, len, n;
};

struct look {
    const struct shell *s;
    struct arena *arena;
    struct str text;
    enum err rc;
    bool cut;
    struct tok *tok, spill;
    size_t n_tok, cap_tok, at, steps;
    struct tok *scratch[SHELL_MAX_LAYERS + 1]; /* for code inside texts, by layer */
    size_t cap_scratch[SHELL_MAX_LAYERS + 1], inners, lost_heredocs;
    struct shell_sym *sym;
    uint32_t *sym_slot;
    size_t n_sym, cap_sym; /* slots: twice as many */
    struct shell_var *var;
    uint32_t *var_slot;
    size_t n_var, cap_var;
    struct shell_func *func;
    size_t n_func, cap_func;
    uint32_t scope, body; /* body: function index + 1 */
    int pass, depth, bodies, layer;
    bool pinned, imports, interesting;
    uint32_t pin_at, pin_len;
    size_t decoded;
    struct seen seen[SHELL_FEATURES];
    uint32_t can;
    enum shell_lang lang;
    /* measures */
    size_t n_total, n_text_bytes, n_escapes, n_string_bytes, n_vars, n_bare_vars, n_script_bytes;
    size_t n_odd, n_islands, first_hit;
    bool had[4];
    struct str other; /* a language that is not cut into tokens */
    bool by_line;     /* the file is of one that is no page's */
};

/* shell_policy.c */
const struct shell_role *shell_role_find(const struct shell *s, enum shell_lang lang,
                                         struct str name);

/* shell.c */
/* A larger copy of an array in the arena, or as it was with k->rc set. */
void *shell_grow(struct look *k, void *p, size_t n, size_t *cap, size_t size);
void shell_see(struct look *k, uint16_t feature, uint32_t at, uint32_t len);
static inline void shell_saw(struct look *k, enum shell_known what, uint32_t at, uint32_t len)
{
    shell_see(k, k->s->known[what], at, len);
}

/* shell_page.c: finds script in a text, has it cut and walked. in_code: the text begins as code of
 * the language k->lang. */
void shell_page(struct look *k, struct str text, struct str name, bool in_code);

bool shell_razor(struct str name);
/* Pages whose script needs no "<" before it. */
bool shell_page_by_name(struct str name, struct str text);

/* shell_encoded.c: is it code of Microsoft's script encoder; what it stands for. */
bool shell_encoded(struct str code, struct str *ret_body);
struct str shell_decode(struct look *k, struct str body);

/* shell_line.c: Perl, Python, ... and ColdFusion, told by statements. */
void shell_lines(struct look *k, struct str name);
/* Is it of a language that is no page's, so that "<%" in it is a text? */
bool shell_by_line(const struct look *k, struct str name);

/* shell_token.c: cuts code from *at up to end, or to the end of the script; tokens are appended. */
void shell_tokens(struct look *k, struct str text, size_t *at, size_t end, enum shell_lang lang);
uint32_t shell_sym(struct look *k, struct str name, enum shell_lang lang);

/* shell_walk.c: walks the tokens that are there, twice, and forgets them. */
void shell_walk(struct look *k);
void shell_statement(struct look *k);

/* The token at hand, and those behind it. */
static inline const struct tok *cur(struct look *k)
{
    static const struct tok end = {.kind = TOK_END};
    return k->at < k->n_tok ? &k->tok[k->at] : &end;
}

static inline const struct tok *ahead(struct look *k, size_t n)
{
    static const struct tok end = {.kind = TOK_END};
    return k->at + n < k->n_tok ? &k->tok[k->at + n] : &end;
}

static inline bool is_op(const struct tok *t, int op)
{
    return t->kind == TOK_OP && t->op == op;
}

static inline bool is_word(struct look *k, const struct tok *t, struct str w)
{
    return t->kind == TOK_NAME && t->len == w.n && str_ieq(k->sym[t->sym].name, w);
}

static inline bool take_op(struct look *k, int op)
{
    if (!is_op(cur(k), op))
        return false;
    k->at++;
    return true;
}

static inline struct val of_token(const struct tok *t)
{
    return (struct val){.at = t->at, .len = t->len};
}

/* shell_flow.c */
struct val shell_unary(struct look *k);
struct val shell_operators(struct look *k, struct val v);
struct val shell_function(struct look *k, uint32_t sym);
struct val shell_expr(struct look *k);
struct val shell_args(struct look *k, struct val *arg, size_t *ret_n);
void shell_assign(struct look *k, const struct val *to, const struct val *v, bool append);
/* Code inside a literal, judged as if it stood there. */
void shell_inner(struct look *k, struct str code, uint32_t at, uint32_t len);

/* shell_var.c: variables and what was given to them. */
enum { SCOPE_PROPERTY = 0x7fffffff };
uint32_t shell_slot(struct look *k, uint32_t scope, uint32_t sym);
struct val shell_var_read(struct look *k, uint32_t sym);
struct val shell_named_read(struct look *k, struct str name);
void shell_taint_slot(struct look *k, const struct val *to, uint32_t taint);
/* "a $b {$c['d']}": what the text becomes. */
struct val shell_interpolate(struct look *k, const struct tok *t);
struct val shell_index(struct look *k, const struct val *v, const struct val *index);

/* shell_call.c */
struct val shell_call(struct look *k, uint32_t sym, const struct val *callee,
                      const struct val *object, struct val *arg, size_t n, const struct tok *open,
                      bool is_new);
void shell_hit(struct look *k, enum shell_sink sink, const struct val *v, uint32_t at,
               uint32_t len);

/* Does an @ stand before the call at that place, so that errors are not told? */
void shell_silenced(struct look *k, uint32_t at, uint32_t len);

/* shell_value.c: constants */
struct val shell_merge(const struct val *a, const struct val *b);
struct val shell_concat(struct look *k, const struct val *a, const struct val *b);
struct val shell_xor(struct look *k, const struct val *a, const struct val *b, char op);
bool shell_const_op(struct look *k, enum shell_op op, const struct val *arg, size_t n,
                    enum shell_lang lang, struct val *ret);
struct str shell_copy(struct look *k, struct str s);
struct str shell_number_text(struct look *k, const struct val *v);
bool shell_script_name(const struct shell *s, struct str name);
bool shell_picture_name(const struct shell *s, struct str name);

/* shell_shape.c: what the file as a whole looks like */
void shell_shape_dump(struct look *k, struct shell_dump *ret);
void shell_shape_heads(struct look *k, struct str text, struct str name);
void shell_shape_config(struct look *k, struct str text, struct str name, struct str *ret_language);
void shell_shape_measures(struct look *k);

#endif
