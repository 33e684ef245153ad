#include "cgi.h"

#include <openssl/sha.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static void reserve(Buffer *buffer, size_t more) {
  size_t needed = buffer->count + more + 1;
  if (needed <= buffer->capacity) return;
  size_t capacity = buffer->capacity ? buffer->capacity : 1024;
  while (capacity < needed) capacity *= 2;
  buffer->bytes = realloc(buffer->bytes, capacity);
  if (!buffer->bytes) _exit(1);
  buffer->capacity = capacity;
}

void append(Buffer *buffer, const char *bytes, size_t count) {
  reserve(buffer, count);
  memcpy(buffer->bytes + buffer->count, bytes, count);
  buffer->count += count;
  buffer->bytes[buffer->count] = 0;
}

void append_text(Buffer *buffer, const char *text) { append(buffer, text, strlen(text)); }

void append_format(Buffer *buffer, const char *format, ...) {
  va_list values, again;
  va_start(values, format);
  va_copy(again, values);
  int count = vsnprintf(NULL, 0, format, values);
  va_end(values);
  if (count < 0) _exit(1);
  reserve(buffer, (size_t)count);
  vsnprintf(buffer->bytes + buffer->count, (size_t)count + 1, format, again);
  va_end(again);
  buffer->count += (size_t)count;
}

void append_json(Buffer *buffer, const char *text) {
  append(buffer, "\"", 1);
  for (const char *byte = text; *byte; byte++) {
    if (*byte == '"' || *byte == '\\') {
      append(buffer, "\\", 1);
      append(buffer, byte, 1);
    } else if ((unsigned char)*byte < 0x20) {
      append_format(buffer, "\\u%04x", *byte);
    } else {
      append(buffer, byte, 1);
    }
  }
  append(buffer, "\"", 1);
}

void append_literal(Buffer *buffer, PGconn *connection, Text text) {
  if (!text.bytes) {
    append_text(buffer, "null");
    return;
  }
  char *literal = PQescapeLiteral(connection, text.bytes, text.count);
  if (!literal) refuse("400 Bad Request", "invalid_encoding");
  append_text(buffer, literal);
  PQfreemem(literal);
}

void append_bytea(Buffer *buffer, const unsigned char *bytes, size_t count) {
  static const char digits[] = "0123456789abcdef";
  append_text(buffer, "'\\x");
  for (size_t index = 0; index < count; index++) {
    char pair[2] = {digits[bytes[index] >> 4], digits[bytes[index] & 15]};
    append(buffer, pair, 2);
  }
  append_text(buffer, "'");
}

bool equal(Text text, const char *other) {
  return text.bytes && text.count == strlen(other) && memcmp(text.bytes, other, text.count) == 0;
}

Text read_body(size_t limit) {
  const char *announced = getenv("CONTENT_LENGTH");
  size_t length = announced ? strtoul(announced, NULL, 10) : 0;
  if (length > limit) refuse("413 Content Too Large", "body_too_large");
  char *bytes = malloc(length + 1);
  if (!bytes) _exit(1);
  size_t received = 0;
  while (received < length) {
    ssize_t count = read(0, bytes + received, length - received);
    if (count <= 0) refuse("400 Bad Request", "body_truncated");
    received += (size_t)count;
  }
  bytes[length] = 0;
  return (Text){bytes, length};
}

Text cookie(const char *name) {
  const char *field = getenv("HTTP_COOKIE");
  size_t length = strlen(name);
  while (field) {
    while (*field == ' ') field++;
    size_t end = strcspn(field, ";");
    if (end > length && memcmp(field, name, length) == 0 && field[length] == '=')
      return (Text){field + length + 1, end - length - 1};
    field = field[end] ? field + end + 1 : NULL;
  }
  return (Text){NULL, 0};
}

Text bearer(void) {
  const char *field = getenv("HTTP_AUTHORIZATION");
  if (!field || strncmp(field, "Bearer ", 7) != 0) return (Text){NULL, 0};
  return (Text){field + 7, strlen(field + 7)};
}

/* SHA256() would go through EVP, whose first digest in a process loads OpenSSL's provider. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
void sha256(Text text, unsigned char digest[32]) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, text.bytes, text.count);
  SHA256_Final(digest, &context);
}
#pragma GCC diagnostic pop

long base64url_decode(Text text, unsigned char *output) {
  static signed char values[256];
  if (!values['B']) {
    memset(values, -1, sizeof values);
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (int value = 0; value < 64; value++) values[(unsigned char)alphabet[value]] = (signed char)value;
  }
  unsigned bits = 0, pending = 0;
  long count = 0;
  for (size_t index = 0; index < text.count; index++) {
    int value = values[(unsigned char)text.bytes[index]];
    if (value < 0) return -1;
    bits = bits << 6 | (unsigned)value;
    pending += 6;
    if (pending >= 8) {
      pending -= 8;
      output[count++] = (unsigned char)(bits >> pending);
      bits &= (1u << pending) - 1;
    }
  }
  return pending < 6 && bits == 0 ? count : -1;
}

void random_secret(char secret[44]) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  unsigned char bytes[33] = {0};
  if (getrandom(bytes, 32, 0) != 32) _exit(1);
  for (int group = 0; group < 11; group++) {
    unsigned bits = (unsigned)bytes[3 * group] << 16 | (unsigned)bytes[3 * group + 1] << 8 | bytes[3 * group + 2];
    for (int digit = 0; digit < 4; digit++) secret[4 * group + digit] = alphabet[bits >> (18 - 6 * digit) & 63];
  }
  secret[43] = 0;
}

PGconn *connect_database(void) {
  const char *conninfo = getenv("BENCH_DATABASE");
  PGconn *connection = conninfo ? PQconnectdb(conninfo) : NULL;
  if (!connection || PQstatus(connection) != CONNECTION_OK) {
    if (connection) fputs(PQerrorMessage(connection), stderr);
    refuse("503 Service Unavailable", "database_unavailable");
  }
  return connection;
}

void run(PGconn *connection, const char *sql, PGresult **results, int count) {
  int taken = 0;
  bool failed = !PQsendQuery(connection, sql);
  PGresult *result;
  while ((result = PQgetResult(connection))) {
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) failed = true;
    if (taken < count) results[taken++] = result;
  }
  if (failed || taken != count) {
    fputs(PQerrorMessage(connection), stderr);
    refuse("500 Internal Server Error", "internal_error");
  }
}

Text field(const PGresult *result, int column) {
  if (PQntuples(result) == 0 || PQgetisnull(result, 0, column)) return (Text){NULL, 0};
  return (Text){PQgetvalue(result, 0, column), (size_t)PQgetlength(result, 0, column)};
}

void answer(const char *status, const char *fields, const char *body, size_t count) {
  Buffer output = {0};
  append_format(
      &output,
      "Status: %s\r\n%sX-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n"
      "Content-Length: %zu\r\n\r\n",
      status, fields, count);
  append(&output, body, count);
  for (size_t written = 0; written < output.count;) {
    ssize_t taken = write(1, output.bytes + written, output.count - written);
    if (taken <= 0) _exit(1);
    written += (size_t)taken;
  }
  _exit(0);
}

void refuse(const char *status, const char *code) {
  char body[200];
  int count = snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
  answer(status, "Content-Type: application/problem+json\r\n", body, (size_t)count);
}
