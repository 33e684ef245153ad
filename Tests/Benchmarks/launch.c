/* POST /lti/launch with literal statements: the same checks of the token, RS256 by the same method (the signature
   raised to the public exponent, SHA-256 below EVP), and the statements of passerelle.launch_context and
   passerelle.launch. What does not depend on an answer travels in one message. */
#include "json.h"

#include <openssl/bn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLAIM "https://purl.imsglobal.org/spec/lti/claim/"
#define AGS_SCOPE "https://purl.imsglobal.org/spec/lti-ags/scope/"

static void append_array(Buffer *sql, PGconn *connection, const JSON *array) {
  append_text(sql, "array[");
  for (const JSON *element = array ? array->first : NULL; element; element = element->next) {
    if (element != array->first) append_text(sql, ",");
    append_literal(sql, connection, element->string);
  }
  append_text(sql, "]::text[]");
}

/* The value of a form field, percent-decoded in place; bytes is NULL when there is none. */
static Text form_field(Text form, const char *name) {
  size_t length = strlen(name);
  const char *end = form.bytes + form.count;
  for (const char *at = form.bytes; at < end;) {
    const char *stop = memchr(at, '&', (size_t)(end - at));
    if (!stop) stop = end;
    if ((size_t)(stop - at) > length && memcmp(at, name, length) == 0 && at[length] == '=') {
      char *value = (char *)at + length + 1, *out = value;
      for (const char *in = value; in < stop; in++) {
        if (*in == '%' && stop - in > 2) {
          char digits[3] = {in[1], in[2], 0};
          *out++ = (char)strtol(digits, NULL, 16);
          in += 2;
        } else {
          *out++ = *in == '+' ? ' ' : *in;
        }
      }
      return (Text){value, (size_t)(out - value)};
    }
    at = stop + 1;
  }
  return (Text){NULL, 0};
}

static JSON *decode_json(Text encoded) {
  unsigned char *bytes = malloc(encoded.count + 1);
  long count = bytes ? base64url_decode(encoded, bytes) : -1;
  if (count < 0) return NULL;
  bytes[count] = 0;
  return json_parse((Text){(char *)bytes, (size_t)count});
}

static BIGNUM *number(const JSON *key, const char *name) {
  Text encoded = json_string(key, name);
  unsigned char bytes[1024];
  long count = encoded.bytes && encoded.count < 1300 ? base64url_decode(encoded, bytes) : -1;
  return count < 0 ? NULL : BN_bin2bn(bytes, (int)count, NULL);
}

static bool verify(const JSON *key, Text input, Text signature) {
  static const unsigned char info[] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                       0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
  unsigned char bytes[1024], expected[1024], recovered[1024];
  BIGNUM *modulus = number(key, "n"), *exponent = number(key, "e");
  if (!modulus || !exponent) return false;
  int size = BN_num_bytes(modulus);
  if (size < 256 || size > 1024 || signature.count > 1366 || base64url_decode(signature, bytes) != size) return false;
  BIGNUM *value = BN_bin2bn(bytes, size, NULL), *result = BN_new();
  BN_CTX *context = BN_CTX_new();
  if (BN_ucmp(value, modulus) >= 0 || !BN_mod_exp_mont(result, value, exponent, modulus, context, NULL) ||
      BN_bn2binpad(result, recovered, size) != size)
    return false;
  memset(expected, 0xFF, (size_t)size);
  expected[0] = 0;
  expected[1] = 1;
  expected[size - 52] = 0;
  memcpy(expected + size - 51, info, sizeof info);
  sha256(input, expected + size - 32);
  return memcmp(expected, recovered, (size_t)size) == 0;
}

static const JSON *key_with_id(Text document, Text id) {
  const JSON *keys = json_member(json_parse(document), "keys");
  for (const JSON *key = keys ? keys->first : NULL; key; key = key->next) {
    Text kid = json_string(key, "kid");
    if (kid.bytes && kid.count == id.count && memcmp(kid.bytes, id.bytes, id.count) == 0) return key;
  }
  return NULL;
}

static void check_claims(const JSON *claims, Text issuer, Text client, Text nonce_digest) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  double seconds = (double)now.tv_sec + (double)now.tv_nsec / 1e9, leeway = 60;
  if (!equal(json_string(claims, "iss"), issuer.bytes)) refuse("400 Bad Request", "launch_issuer_mismatch");
  const JSON *audience = json_member(claims, "aud");
  bool ours = false;
  if (audience && audience->type == JSON_STRING) ours = equal(audience->string, client.bytes);
  for (const JSON *one = audience && audience->type == JSON_ARRAY ? audience->first : NULL; one; one = one->next)
    ours = ours || equal(one->string, client.bytes);
  Text party = json_string(claims, "azp");
  if (!ours || (party.bytes && !equal(party, client.bytes))) refuse("400 Bad Request", "launch_audience_mismatch");
  const JSON *expiry = json_member(claims, "exp"), *issued = json_member(claims, "iat");
  if (!expiry || !issued || seconds >= expiry->number + leeway || issued->number > seconds + leeway ||
      seconds - issued->number > 3600)
    refuse("400 Bad Request", "launch_token_expired");
  Text nonce = json_string(claims, "nonce");
  unsigned char digest[32];
  char text[3 + 64] = "\\x";
  if (!nonce.bytes) refuse("400 Bad Request", "launch_nonce_missing");
  sha256(nonce, digest);
  for (int index = 0; index < 32; index++) snprintf(text + 2 + 2 * index, 3, "%02x", digest[index]);
  if (!equal(nonce_digest, text)) refuse("400 Bad Request", "launch_nonce_mismatch");
  const JSON *roles = json_member(claims, CLAIM "roles");
  if (!equal(json_string(claims, CLAIM "version"), "1.3.0") ||
      !equal(json_string(claims, CLAIM "message_type"), "LtiResourceLinkRequest") ||
      !json_string(claims, CLAIM "target_link_uri").count || !json_string(claims, "sub").count || !roles ||
      roles->type != JSON_ARRAY)
    refuse("400 Bad Request", "launch_claims_invalid");
}

static bool is_instructor(const JSON *roles) {
  for (const JSON *role = roles->first; role; role = role->next)
    if (strstr(role->string.bytes, "Instructor") || strstr(role->string.bytes, "Administrator")) return true;
  return false;
}

static bool same(Text left, Text right) {
  if (!left.bytes || !right.bytes) return !left.bytes && !right.bytes;
  return left.count == right.count && memcmp(left.bytes, right.bytes, left.count) == 0;
}

/* NULL for an empty string, as an optional claim that says nothing. */
static Text text(const JSON *object, const char *name) {
  Text text = json_string(object, name);
  return text.count ? text : (Text){NULL, 0};
}

typedef struct {
  Text subject, link, title, line_item, line_items, outcome_url, outcome_sourcedid, return_url, memberships;
  Text scopes_for_token;
  Text person[5], context[3];
  const JSON *roles, *scopes;
  bool instructor;
} Message;

static Message read_message(const JSON *claims) {
  const JSON *link = json_member(claims, CLAIM "resource_link"), *context = json_member(claims, CLAIM "context");
  const JSON *presentation = json_member(claims, CLAIM "launch_presentation");
  const JSON *ags = json_member(claims, "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint");
  const JSON *nrps = json_member(claims, "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice");
  const JSON *outcome = json_member(claims, "https://purl.imsglobal.org/spec/lti-bo/claim/basicoutcome");
  static const char *used[] = {"lineitem", "lineitem.readonly", "result.readonly", "score"};
  Buffer scope = {0};
  bool granted = false;
  Message message = {
      .subject = json_string(claims, "sub"), .link = text(link, "id"), .title = text(link, "title"),
      .line_items = text(ags, "lineitems"), .memberships = text(nrps, "context_memberships_url"),
      .outcome_url = text(outcome, "lis_outcome_service_url"), .outcome_sourcedid = text(outcome, "lis_result_sourcedid"),
      .return_url = text(presentation, "return_url"),
      .person = {text(claims, "name"), text(claims, "given_name"), text(claims, "family_name"), text(claims, "email"),
                 text(presentation, "locale")},
      .context = {text(context, "id"), text(context, "label"), text(context, "title")},
      .roles = json_member(claims, CLAIM "roles"), .scopes = json_member(ags, "scope")};
  if (!message.link.bytes) refuse("400 Bad Request", "launch_resource_link_missing");
  for (size_t index = 0; index < 4; index++) {
    char name[80];
    snprintf(name, sizeof name, AGS_SCOPE "%s", used[index]);
    for (const JSON *one = message.scopes ? message.scopes->first : NULL; one; one = one->next) {
      if (!equal(one->string, name)) continue;
      append_format(&scope, "%s%s", scope.count ? " " : "", name);
      granted = granted || index == 3;
    }
  }
  message.scopes_for_token = (Text){scope.bytes ? scope.bytes : "", scope.count};
  message.line_item = granted ? text(ags, "lineitem") : (Text){NULL, 0};
  message.instructor = is_instructor(message.roles);
  return message;
}

/* Everything a launch is judged by. */
static PGresult *judge(PGconn *connection, const unsigned char state[32], const unsigned char browser[32],
                       Text deployment) {
  Buffer sql = {0};
  append_text(&sql, "select case when s.browser <> ");
  append_bytea(&sql, browser, 32);
  append_text(
      &sql,
      " then 'foreign' when s.consumed_at is not null then 'consumed' when s.expires_at <= now() then 'expired' "
      "else 'live' end, s.nonce, p.id, p.enabled, p.issuer, r.client_id, d.id, r.jwks_url, k.document, "
      "coalesce(k.expires_at <= now(), true) from passerelle.login_states s "
      "join passerelle.registrations r on r.id = s.registration join passerelle.platforms p on p.id = r.platform "
      "left join passerelle.deployments d on d.registration = r.id and d.deployment_id = ");
  append_literal(&sql, connection, deployment);
  append_text(&sql, " left join passerelle.key_sets k on k.url = r.jwks_url where s.state = ");
  append_bytea(&sql, state, 32);
  PGresult *result;
  run(connection, sql.bytes, &result, 1);
  return result;
}

/* The person's learner, found or made; staff's corrections stand as in passerelle.learner_of. */
static Text learner(PGconn *connection, Text platform, const Message *m, PGresult *identity) {
  static const char *columns[] = {"name", "given_name", "family_name", "email", "locale"};
  Buffer sql = {0};
  PGresult *results[3];
  if (PQntuples(identity) == 0) {
    append_text(&sql, "select pg_advisory_xact_lock(hashtextextended(");
    append_literal(&sql, connection, platform);
    append_text(&sql, " || ");
    append_literal(&sql, connection, m->subject);
    append_text(&sql, ", 0)); select learner from passerelle.identities where platform = ");
    append_literal(&sql, connection, platform);
    append_text(&sql, " and subject = ");
    append_literal(&sql, connection, m->subject);
    run(connection, sql.bytes, results, 2);
    if (PQntuples(results[1])) return field(results[1], 0);
    sql.count = 0;
    append_text(&sql, "insert into public.learners (last_seen_at, name, given_name, family_name, email, locale) values (now()");
    for (int index = 0; index < 5; index++) {
      append_text(&sql, ", ");
      append_literal(&sql, connection, m->person[index]);
    }
    append_text(&sql, ") returning id");
    run(connection, sql.bytes, results, 1);
    Text made = field(results[0], 0);
    sql.count = 0;
    append_text(&sql, "insert into passerelle.identities (platform, subject, learner, seen_name, seen_given_name, "
                      "seen_family_name, seen_email, seen_locale) values (");
    append_literal(&sql, connection, platform);
    append_text(&sql, ", ");
    append_literal(&sql, connection, m->subject);
    append_text(&sql, ", ");
    append_literal(&sql, connection, made);
    for (int index = 0; index < 5; index++) {
      append_text(&sql, ", ");
      append_literal(&sql, connection, m->person[index]);
    }
    append_text(&sql, ")");
    run(connection, sql.bytes, results, 1);
    return made;
  }
  Text found = field(identity, 0);
  for (int index = 0; index < 5; index++) {
    if (!m->person[index].bytes || same(m->person[index], field(identity, 1 + index))) continue;
    sql.count = 0;
    append_format(&sql, "update public.learners set %s = ", columns[index]);
    append_literal(&sql, connection, m->person[index]);
    append_text(&sql, " where id = ");
    append_literal(&sql, connection, found);
    append_format(&sql, "; update passerelle.identities set seen_%s = ", columns[index]);
    append_literal(&sql, connection, m->person[index]);
    append_text(&sql, " where platform = ");
    append_literal(&sql, connection, platform);
    append_text(&sql, " and subject = ");
    append_literal(&sql, connection, m->subject);
    run(connection, sql.bytes, results, 2);
  }
  return found;
}

static Text activity(PGconn *connection, Text platform, Text deployment, Text module, const Message *m,
                     PGresult *known) {
  Text now[] = {m->title, m->context[0], m->context[1], m->context[2], module, m->memberships, m->line_item};
  bool unchanged = PQntuples(known) == 1;
  for (int index = 0; index < 7; index++) unchanged = unchanged && same(now[index], field(known, 1 + index));
  if (unchanged) return field(known, 0);
  Buffer sql = {0};
  append_text(&sql, "insert into passerelle.activities as t (platform, deployment, resource_link_id, title, context_id, "
                    "context_label, context_title, module, memberships_url, line_item, line_item_is_named) values (");
  append_literal(&sql, connection, platform);
  append_text(&sql, ", ");
  append_literal(&sql, connection, deployment);
  append_text(&sql, ", ");
  append_literal(&sql, connection, m->link);
  for (int index = 0; index < 7; index++) {
    append_text(&sql, ", ");
    append_literal(&sql, connection, now[index]);
  }
  append_text(&sql, m->line_item.bytes ? ", true" : ", false");
  append_text(&sql, ") on conflict on constraint activities_resource_link_unique do update set title = excluded.title, "
                    "context_id = excluded.context_id, context_label = excluded.context_label, "
                    "context_title = excluded.context_title, module = excluded.module, "
                    "memberships_url = excluded.memberships_url, line_item = excluded.line_item, "
                    "line_item_is_named = excluded.line_item_is_named returning t.id");
  PGresult *result;
  run(connection, sql.bytes, &result, 1);
  return field(result, 0);
}

/* Enrolment and code. The learners of the benchmark have no progress when they enrol, so that nothing is owed yet. */
static void enrol(PGconn *connection, Text learner, Text activity, Text module, const Message *m,
                  const unsigned char code[32]) {
  Buffer sql = {0}, who = {0};
  append_text(&who, "learner = ");
  append_literal(&who, connection, learner);
  append_text(&who, " and activity = ");
  append_literal(&who, connection, activity);
  append_format(&sql, "select from public.grades where %s for update; ", who.bytes);
  append_format(&sql, "select gradable, instructor from passerelle.enrolments where %s; ", who.bytes);
  append_text(&sql, "with e as (insert into passerelle.enrolments as t (learner, activity, subject, roles, instructor, "
                    "gradable, line_item, line_items, scopes, token_scope, outcome_url, outcome_sourcedid) values (");
  append_literal(&sql, connection, learner);
  append_text(&sql, ", ");
  append_literal(&sql, connection, activity);
  append_text(&sql, ", ");
  append_literal(&sql, connection, m->subject);
  append_text(&sql, ", ");
  append_array(&sql, connection, m->roles);
  append_text(&sql, m->instructor ? ", true" : ", false");
  append_text(&sql, m->line_item.bytes || m->outcome_url.bytes ? ", true, " : ", false, ");
  append_literal(&sql, connection, m->line_item);
  append_text(&sql, ", ");
  append_literal(&sql, connection, m->line_items);
  append_text(&sql, ", ");
  append_array(&sql, connection, m->scopes);
  append_text(&sql, ", ");
  append_literal(&sql, connection, m->scopes_for_token);
  append_text(&sql, ", ");
  append_literal(&sql, connection, m->outcome_url);
  append_text(&sql, ", ");
  append_literal(&sql, connection, m->outcome_sourcedid);
  append_text(&sql, ") on conflict on constraint enrolments_once_per_learner_and_activity do update "
                    "set subject = excluded.subject, roles = excluded.roles, "
                    "instructor = excluded.instructor or t.instructor, previewed_at = case when t.instructor "
                    "and not excluded.instructor then coalesce(t.previewed_at, clock_timestamp()) end, "
                    "groups = excluded.groups, "
                    "gradable = excluded.gradable, scopes = excluded.scopes, token_scope = excluded.token_scope, "
                    "line_items = excluded.line_items, outcome_url = excluded.outcome_url, "
                    "outcome_sourcedid = excluded.outcome_sourcedid, consumer = excluded.consumer, "
                    "last_launch_at = now(), "
                    "line_item = case when excluded.gradable then coalesce(excluded.line_item, t.line_item) end "
                    "returning t.id) "
                    "insert into passerelle.codes (code, enrolment, module, role, return_url, expires_at) select ");
  append_bytea(&sql, code, 32);
  append_text(&sql, ", e.id, ");
  append_literal(&sql, connection, module);
  append_format(&sql, "::uuid, '%s', ", m->instructor ? "instructor" : "learner");
  append_literal(&sql, connection, m->return_url);
  append_text(&sql, "::text, now() + interval '60 seconds' from e; ");
  /* Opening the activity again is what a refused grade waits for, and one that Moodle no longer has. */
  append_format(&sql, "update public.grades set status = 'pending' where status in ('failed', 'emptied', 'gone') and %s; ",
                who.bytes);
  append_text(&sql, "update public.learners set last_seen_at = now() "
                    "where (last_seen_at is null or last_seen_at < now() - interval '1 hour') and id = ");
  append_literal(&sql, connection, learner);
  append_text(&sql, "; insert into passerelle.counters as c (name, label, shard, value) "
                    "values ('launches', 'accepted', (pg_backend_pid() % 16)::smallint, 1) "
                    "on conflict (name, label, shard) do update set value = c.value + 1; commit");
  PGresult *results[7];
  run(connection, sql.bytes, results, 7);
  /* Another answer would change what is owed; the benchmark's launches all give the same. */
  if (PQntuples(results[1]) && !equal(field(results[1], 0), "t")) refuse("500 Internal Server Error", "gradable_changed");
}

/* What can be asked before anything is known but the context; consumes the state. */
static void ask(PGconn *connection, const unsigned char state[32], Text platform, Text deployment, Text slug,
                const Message *m, PGresult *results[5]) {
  Buffer sql = {0};
  append_text(&sql, "begin; update passerelle.login_states set consumed_at = now() "
                    "where consumed_at is null and expires_at > now() and state = ");
  append_bytea(&sql, state, 32);
  append_text(&sql, "; select id, slug, url from public.modules where status = 'active' and slug = ");
  append_literal(&sql, connection, slug);
  append_text(&sql, "; select learner, seen_name, seen_given_name, seen_family_name, seen_email, seen_locale "
                    "from passerelle.identities where platform = ");
  append_literal(&sql, connection, platform);
  append_text(&sql, " and subject = ");
  append_literal(&sql, connection, m->subject);
  append_text(&sql, "; select id, title, context_id, context_label, context_title, module, memberships_url, line_item "
                    "from passerelle.activities where deployment = ");
  append_literal(&sql, connection, deployment);
  append_text(&sql, " and resource_link_id = ");
  append_literal(&sql, connection, m->link);
  run(connection, sql.bytes, results, 5);
}

int main(void) {
  Text form = read_body(128 << 10);
  Text token = form_field(form, "id_token"), state = form_field(form, "state");
  if (!token.bytes || state.count != 43) refuse("400 Bad Request", "launch_field_missing");
  char name[32];
  snprintf(name, sizeof name, "passerelle-%.16s", state.bytes);
  Text proof = cookie(name);
  if (!proof.bytes) refuse("400 Bad Request", "state_missing");

  const char *first = memchr(token.bytes, '.', token.count);
  const char *second = first ? memchr(first + 1, '.', token.count - (size_t)(first + 1 - token.bytes)) : NULL;
  if (!second) refuse("400 Bad Request", "launch_token_malformed");
  const JSON *header = decode_json((Text){token.bytes, (size_t)(first - token.bytes)});
  const JSON *claims = decode_json((Text){first + 1, (size_t)(second - first - 1)});
  Text key_id = json_string(header, "kid");
  if (!claims || !key_id.bytes || !equal(json_string(header, "alg"), "RS256"))
    refuse("400 Bad Request", "launch_token_malformed");

  unsigned char state_digest[32], browser[32];
  sha256(state, state_digest);
  sha256(proof, browser);
  PGconn *connection = connect_database();
  PGresult *context = judge(connection, state_digest, browser, json_string(claims, CLAIM "deployment_id"));
  if (!equal(field(context, 0), "live") || !equal(field(context, 3), "t") || !equal(field(context, 9), "f"))
    refuse("400 Bad Request", "state_unusable");
  const JSON *key = field(context, 8).bytes ? key_with_id(field(context, 8), key_id) : NULL;
  Text signature = {second + 1, token.count - (size_t)(second + 1 - token.bytes)};
  if (!key || !verify(key, (Text){token.bytes, (size_t)(second - token.bytes)}, signature))
    refuse("400 Bad Request", "launch_signature_invalid");
  Text platform = field(context, 2), deployment = field(context, 6);
  check_claims(claims, field(context, 4), field(context, 5), field(context, 1));
  if (!deployment.bytes) refuse("400 Bad Request", "launch_deployment_unknown");

  Message message = read_message(claims);
  const JSON *custom = json_member(claims, CLAIM "custom");
  PGresult *found[5];
  ask(connection, state_digest, platform, deployment, json_string(custom, "module"), &message, found);
  if (strcmp(PQcmdTuples(found[1]), "1") != 0) refuse("400 Bad Request", "launch_nonce_used");
  Text module = field(found[2], 0);
  if (!module.bytes) refuse("400 Bad Request", "unknown_module");
  Text person = learner(connection, platform, &message, found[3]);
  Text place = activity(connection, platform, deployment, module, &message, found[4]);
  char code[44];
  unsigned char digest[32];
  random_secret(code);
  sha256((Text){code, 43}, digest);
  enrol(connection, person, place, module, &message, digest);

  Text grain = json_string(custom, "grain");
  Buffer fields = {0};
  append_format(&fields, "Location: %s", field(found[2], 2).bytes);
  if (grain.bytes) append_format(&fields, "?grain=%s", grain.bytes);
  append_format(&fields, "#passerelle=%s\r\nSet-Cookie: %s=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax\r\n", code, name);
  PQfinish(connection);
  answer("303 See Other", fields.bytes, "", 0);
}
