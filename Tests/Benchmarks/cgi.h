/* What the two literal CGI programs share: the request, encodings, digests, the database, the answer. */
#ifndef CGI_H
#define CGI_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

/* A piece of memory that somebody else owns. */
typedef struct {
  const char *bytes;
  size_t count;
} Text;

/* Bytes that grow; always followed by a NUL. */
typedef struct {
  char *bytes;
  size_t count, capacity;
} Buffer;

void append(Buffer *buffer, const char *bytes, size_t count);
void append_text(Buffer *buffer, const char *text);
void append_format(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A JSON string, quotes included. */
void append_json(Buffer *buffer, const char *text);
/* An SQL literal, quotes included; NULL for a text without bytes pointer. */
void append_literal(Buffer *buffer, PGconn *connection, Text text);
/* bytea as a hexadecimal literal. */
void append_bytea(Buffer *buffer, const unsigned char *bytes, size_t count);

bool equal(Text text, const char *other);

/* Reads exactly CONTENT_LENGTH bytes, at most `limit`; answers 400 or 413 and exits otherwise. */
Text read_body(size_t limit);
/* The value of a cookie; bytes is NULL when there is none. */
Text cookie(const char *name);
/* The token of Authorization: Bearer; bytes is NULL when there is none. */
Text bearer(void);

void sha256(Text text, unsigned char digest[32]);
/* Strict base64url without padding (RFC 4648, section 5); the length, or -1. `output` holds 3/4 of the input. */
long base64url_decode(Text text, unsigned char *output);
/* 43 characters from 32 random bytes, and a NUL. */
void random_secret(char secret[44]);

/* Connects to what the environment's BENCH_DATABASE says, or answers 503 and exits. */
PGconn *connect_database(void);
/* Sends several statements in one message; `results` takes the result of each. Answers 500 and exits when one fails. */
void run(PGconn *connection, const char *sql, PGresult **results, int count);
/* A column of the first row; bytes is NULL for SQL NULL. */
Text field(const PGresult *result, int column);

/* Writes the whole answer at once and exits. */
_Noreturn void answer(const char *status, const char *fields, const char *body, size_t count);
/* A refusal with a stable code. */
_Noreturn void refuse(const char *status, const char *code);

#endif
