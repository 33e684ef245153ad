#include "json.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const char *at, *end;
  /* Nodes and strings come out of one allocation: a text has no more nodes than bytes. */
  JSON *nodes;
  char *strings;
} Reader;

static JSON *value(Reader *reader, int depth);

static void skip_blanks(Reader *reader) {
  while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at) reader->at++;
}

static bool take(Reader *reader, char byte) {
  if (reader->at >= reader->end || *reader->at != byte) return false;
  reader->at++;
  return true;
}

static int hexadecimal(const char *digits) {
  int number = 0;
  for (int index = 0; index < 4; index++) {
    char digit = digits[index];
    int bits = digit >= '0' && digit <= '9'   ? digit - '0'
               : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
               : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                              : -1;
    if (bits < 0) return -1;
    number = number << 4 | bits;
  }
  return number;
}

static bool unicode(Reader *reader) {
  if (reader->end - reader->at < 4) return false;
  int scalar = hexadecimal(reader->at);
  reader->at += 4;
  if (scalar >= 0xD800 && scalar < 0xDC00) {
    if (reader->end - reader->at < 6 || reader->at[0] != '\\' || reader->at[1] != 'u') return false;
    int low = hexadecimal(reader->at + 2);
    reader->at += 6;
    if (low < 0xDC00 || low > 0xDFFF) return false;
    scalar = 0x10000 + ((scalar - 0xD800) << 10) + (low - 0xDC00);
  } else if (scalar < 0 || (scalar >= 0xDC00 && scalar <= 0xDFFF)) {
    return false;
  }
  char *out = reader->strings;
  if (scalar < 0x80) {
    *out++ = (char)scalar;
  } else if (scalar < 0x800) {
    *out++ = (char)(0xC0 | scalar >> 6);
    *out++ = (char)(0x80 | (scalar & 63));
  } else if (scalar < 0x10000) {
    *out++ = (char)(0xE0 | scalar >> 12);
    *out++ = (char)(0x80 | (scalar >> 6 & 63));
    *out++ = (char)(0x80 | (scalar & 63));
  } else {
    *out++ = (char)(0xF0 | scalar >> 18);
    *out++ = (char)(0x80 | (scalar >> 12 & 63));
    *out++ = (char)(0x80 | (scalar >> 6 & 63));
    *out++ = (char)(0x80 | (scalar & 63));
  }
  reader->strings = out;
  return true;
}

static bool string(Reader *reader, Text *text) {
  if (!take(reader, '"')) return false;
  char *start = reader->strings;
  while (reader->at < reader->end) {
    char byte = *reader->at++;
    if (byte == '"') {
      *text = (Text){start, (size_t)(reader->strings - start)};
      *reader->strings++ = 0;
      return true;
    }
    if ((unsigned char)byte < 0x20) return false;
    if (byte != '\\') {
      *reader->strings++ = byte;
      continue;
    }
    if (reader->at >= reader->end) return false;
    static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char escape = *reader->at++;
    const char *found = strchr(escapes, escape);
    if (found && escape) {
      *reader->strings++ = meanings[found - escapes];
    } else if (escape != 'u' || !unicode(reader)) {
      return false;
    }
  }
  return false;
}

static JSON *container(Reader *reader, JSON *node, char close, int depth) {
  JSON **last = &node->first;
  node->type = close == ']' ? JSON_ARRAY : JSON_OBJECT;
  reader->at++;
  skip_blanks(reader);
  if (take(reader, close)) return node;
  while (true) {
    Text name = {NULL, 0};
    if (node->type == JSON_OBJECT) {
      skip_blanks(reader);
      if (!string(reader, &name) || json_member(node, name.bytes)) return NULL;
      skip_blanks(reader);
      if (!take(reader, ':')) return NULL;
    }
    JSON *element = value(reader, depth + 1);
    if (!element) return NULL;
    element->name = name;
    *last = element;
    last = &element->next;
    if (take(reader, close)) return node;
    if (!take(reader, ',')) return NULL;
  }
}

static bool word(Reader *reader, const char *expected) {
  size_t length = strlen(expected);
  if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, expected, length) != 0) return false;
  reader->at += length;
  return true;
}

static JSON *value(Reader *reader, int depth) {
  if (depth > 32) return NULL;
  skip_blanks(reader);
  if (reader->at >= reader->end) return NULL;
  JSON *node = reader->nodes++;
  memset(node, 0, sizeof *node);
  char byte = *reader->at;
  if (byte == '{' || byte == '[') {
    node = container(reader, node, byte == '[' ? ']' : '}', depth);
  } else if (byte == '"') {
    node->type = JSON_STRING;
    if (!string(reader, &node->string)) return NULL;
  } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
    char *end;
    node->type = JSON_NUMBER;
    node->number = strtod(reader->at, &end);
    reader->at = end;
  } else if (word(reader, "true")) {
    node->type = JSON_TRUE;
  } else if (word(reader, "false")) {
    node->type = JSON_FALSE;
  } else if (!word(reader, "null")) {
    return NULL;
  }
  skip_blanks(reader);
  return node;
}

JSON *json_parse(Text text) {
  /* Every node but the outermost has at least one byte of its own and a comma, a colon or a bracket. */
  JSON *nodes = malloc((text.count / 2 + 2) * sizeof *nodes + text.count + 1);
  if (!nodes) return NULL;
  Reader reader = {text.bytes, text.bytes + text.count, nodes, (char *)(nodes + text.count / 2 + 2)};
  JSON *document = value(&reader, 0);
  return document && reader.at == reader.end ? document : NULL;
}

const JSON *json_member(const JSON *object, const char *name) {
  if (!object || object->type != JSON_OBJECT) return NULL;
  for (const JSON *member = object->first; member; member = member->next)
    if (equal(member->name, name)) return member;
  return NULL;
}

Text json_string(const JSON *object, const char *name) {
  const JSON *member = json_member(object, name);
  return member && member->type == JSON_STRING ? member->string : (Text){NULL, 0};
}
