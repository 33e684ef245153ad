/* A small strict-enough JSON reader: numbers by strtod, strings decoded, names of an object unique. */
#ifndef JSON_H
#define JSON_H

#include "cgi.h"

typedef enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JSONType;

typedef struct JSON {
  JSONType type;
  Text name;          /* of this member, in an object */
  double number;
  Text string;
  struct JSON *first; /* elements and members */
  struct JSON *next;
} JSON;

/* NULL when the text is not JSON. The text is not kept. */
JSON *json_parse(Text text);
/* A member, NULL when there is none. */
const JSON *json_member(const JSON *object, const char *name);
/* The string of a member; bytes is NULL when it is absent or something else. */
Text json_string(const JSON *object, const char *name);

#endif
