// What Directus's Insights shows of the dashboard Passerelle, against SQL; for Tests/directus, which says how it is run.
//
//   node Tests/directus.mjs token URL FILE        logs in as the administrator and leaves a static token in FILE
//   node Tests/directus.mjs compare VERSION URL   a line for each panel and account; status 1 where a number differs
//
// In the environment: DIRECTUS_EMAIL and DIRECTUS_PASSWORD of the administrator, PSQL, the path of psql, and libpq's variables.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';

// --- SQL ---------------------------------------------------------------------------------------------------------------

const day = (field) => `to_char(${field} at time zone 'UTC', 'YYYY-MM-DD')`;
const instant = (field) => `coalesce(to_char(${field} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '')`;
const count = (rows) => `select count(*) as value from ${rows}`;

// What each panel's name promises, and the dashboard's chapter in Sources/Directus/README.md, without a look at its options: one `value`,
// or rows of `x` and `value` in any order, or rows of `text` in theirs. Days are UTC's, as Directus counts them.
const promised = {
  'Grains completed in 7 days': count(
    `public.progress where status = 'completed' and completed_at between now() - interval '7 days' and now()`),
  'Mean score': `select avg(score) as value from public.progress where status = 'completed' and score is not null`,
  'Learners': count(`public.learners`),
  'Grades in Moodle': count(`public.grades where status = 'delivered'`),
  'Grades pending': count(`public.grades where status = 'pending'`),
  'Grades failed': count(`public.grades where status = 'failed'`),
  'Grades emptied in Moodle': count(`public.grades where status = 'emptied'`),
  'Grades of activities gone': count(`public.grades where status = 'gone'`),
  'Grains completed by day': `select ${day('completed_at')} as x, count(*) as value from public.progress
    where status = 'completed' and completed_at between now() - interval '3 months' and now() group by 1`,
  'Grades not delivered': `select l.name || ' · ' || g.activity_title || ' · ' || coalesce(g.last_error, '') as text
    from public.grades g join public.learners l on l.id = g.learner where g.status in ('pending', 'failed', 'emptied')
    order by g.date_updated limit 10`,
  'Grains completed last': `select l.name || ' · ' || g.title as text from public.progress p
    join public.learners l on l.id = p.learner join public.grains g on g.id = p.grain
    where p.status = 'completed' and p.completed_at <= now() order by p.completed_at desc limit 10`,
  'Active modules': `select title as text from public.modules where status = 'active' order by sort nulls last limit 10`,
  'Mean score by grain': `select g.title as x, avg(p.score) as value from public.grains g
    join public.progress p on p.grain = g.id where p.status = 'completed' group by g.id having count(p.score) > 0`,
  'Completed by grain': `select g.title as x, count(*) as value from public.grains g
    join public.progress p on p.grain = g.id where p.status = 'completed' group by g.id`,
  'Learners with a grade by module': `select m.title as x, count(distinct g.learner) as value from public.modules m
    join public.grades g on g.module = m.id where g.status <> 'none' group by m.id`,
  'Last visits': `select name || ' · ' || ${instant('last_seen_at')} as text from public.learners
    where last_seen_at is not null order by last_seen_at desc limit 10`,
  'Nothing heard of for 30 days': `select name || ' · ' || ${instant('last_seen_at')} as text from public.learners
    where coalesce(last_seen_at, date_created) < now() - interval '30 days' order by last_seen_at nulls last, date_created limit 10`,
};
// Where bars would be labelled by ids there are lists.
const besides = (version) =>
  version.startsWith('10.')
    ? ['Mean score by grain', 'Completed by grain', 'Learners with a grade by module']
    : ['Grains completed last', 'Active modules'];

function sql(query) {
  const rows = `select coalesce(json_agg(row_to_json(t)), '[]') from (${query}) t`;
  return JSON.parse(execFileSync(process.env.PSQL, ['-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', rows], { encoding: 'utf8' }));
}

// --- Directus ----------------------------------------------------------------------------------------------------------

async function ask(url, token, path, body, method = body ? 'POST' : 'GET') {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok || answer.errors) throw new Error(`${method} ${path} answers ${response.status}: ${text.slice(0, 2000)}`);
  return answer.data;
}

async function login(url, email, password) {
  return (await ask(url, null, '/auth/login', { email, password, mode: 'json' })).access_token;
}

const administrator = { email: process.env.DIRECTUS_EMAIL, password: process.env.DIRECTUS_PASSWORD };

/** Somebody with the role that `passerelle directus trainer` made. */
async function makeTrainer(url, token) {
  const [role] = await ask(url, token, '/roles?filter[name][_eq]=Formateur&fields=id');
  if (!role) throw new Error('there is no role Formateur');
  const trainer = { email: `trainer-${randomBytes(4).toString('hex')}@example.org`, password: randomBytes(12).toString('hex') };
  await ask(url, token, '/users', { ...trainer, role: role.id });
  return trainer;
}

// --- What the app's panels ask ------------------------------------------------------------------------------------------

/** The fields of a template, as the app finds them. */
const fieldsOf = (template) => [...template.matchAll(/{{(.*?)}}/g)].map((match) => match[1].trim());

/** What a panel asks: one query, or two, the second for the labels of bars. `relations` says where a field leads to. */
function queriesOf({ type, options }, relations) {
  const { collection, filter } = options;
  switch (type) {
    case 'metric':
      return [{ collection, args: { limit: 1, filter }, aggregate: [options.function, options.field] }];
    case 'time-series': {
      const within = [{ [options.dateField]: { _gte: `$NOW(-${options.range})` } }, { [options.dateField]: { _lte: '$NOW' } }];
      if (options.precision !== 'day') throw new Error(`this script knows a day, not "${options.precision}"`);
      const groupBy = ['year', 'month', 'day'].map((part) => `${part}(${options.dateField})`);
      const args = { limit: -1, filter: { _and: [filter ?? {}, ...within] }, groupBy };
      return [{ collection, args, aggregate: [options.function, options.valueField], isGrouped: true }];
    }
    case 'bar-chart': {
      const args = { limit: -1, filter: filter ?? {}, groupBy: [options.xAxis] };
      const bars = { collection, args, aggregate: [options.function, options.yAxis], isGrouped: true };
      const other = relations.find((relation) => relation.collection === collection && relation.field === options.xAxis);
      return [bars, { collection: other.related_collection, args: { limit: -1 }, fields: ['id', options.xAxisDisplayField] }];
    }
    case 'list': {
      const sort = (options.sortDirection === 'asc' ? '' : '-') + options.sortField;
      const args = { limit: options.limit, sort, filter: filter ?? {} };
      return [{ collection, args, fields: ['id', ...fieldsOf(options.displayTemplate)] }];
    }
    default:
      throw new Error(`this script does not know the kind of panel "${type}"`);
  }
}

/** A value in GraphQL's notation, whose keys have no quotes. */
function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value).map(([key, item]) => `${key}: ${literal(item)}`).join(', ')}}`;
}

/** Fields with dots in them, as the selection of GraphQL. */
function selection(fields) {
  const tree = {};
  for (const field of fields) field.split('.').reduce((node, part) => (node[part] ??= {}), tree);
  const words = (node) => Object.entries(node).map(([key, below]) => key + (Object.keys(below).length ? ` { ${words(below)} }` : '')).join(' ');
  return words(tree);
}

function graphql(name, { collection, args, aggregate, fields, isGrouped }) {
  const given = Object.entries(args).filter(([, value]) => value !== undefined);
  const asked = given.map(([key, value]) => `${key}: ${literal(value)}`).join(', ');
  if (fields) return `${name}: ${collection}(${asked}) { ${selection(fields)} }`;
  return `${name}: ${collection}_aggregated(${asked}) { ${isGrouped ? 'group ' : ''}${aggregate[0]} { ${aggregate[1]} } }`;
}

// --- What the app's panels show -----------------------------------------------------------------------------------------

const at = (row, path) => path.split('.').reduce((value, part) => value?.[part], row);

/** What a panel makes of the answers, before it rounds, in the form of the SQL above. The app takes an answer of null for 0. */
function shown({ type, options }, [rows, labels]) {
  switch (type) {
    case 'metric':
      return [{ value: Number(rows[0][options.function][options.field]) }];
    case 'time-series': {
      const part = (row, name, digits) => String(row.group[`${options.dateField}_${name}`]).padStart(digits, '0');
      return rows.map((row) => ({
        x: `${part(row, 'year', 4)}-${part(row, 'month', 2)}-${part(row, 'day', 2)}`,
        value: Number(row[options.function][options.valueField]),
      }));
    }
    case 'bar-chart': {
      const titles = new Map(labels.map((row) => [row.id, row[options.xAxisDisplayField]]));
      return rows.filter((row) => row.group[options.xAxis]).map((row) => ({
        x: titles.get(row.group[options.xAxis]) ?? row.group[options.xAxis],
        value: Number(row[options.function][options.yAxis]),
      })).filter(({ value }) => !Number.isNaN(value));
    }
    case 'list':
      return rows.map((row) => ({ text: options.displayTemplate.replaceAll(/{{(.*?)}}/g, (_, field) => at(row, field.trim()) ?? '') }));
  }
}

// --- The comparison -----------------------------------------------------------------------------------------------------

/** Rows as words to be compared; those of bars and days in one order. */
function words(rows) {
  if (rows.length && 'text' in rows[0]) return rows.map(({ text }) => text);
  return rows.map(({ x, value }) => `${x === undefined ? '' : `${x}: `}${Number(Number(value).toFixed(9))}`).sort();
}

/** A panel in one column: its number, or how many rows it has and, of bars and days, what they come to. */
function brief(rows) {
  if (rows.length === 1 && !('x' in rows[0]) && 'value' in rows[0]) return String(Number(Number(rows[0].value).toFixed(4)));
  if (!rows.length || 'text' in rows[0]) return `${rows.length} rows`;
  return `${rows.length} × Σ ${Number(rows.reduce((sum, { value }) => sum + Number(value), 0).toFixed(2))}`;
}

function line(version, account, name, theirs, ours, verdict) {
  console.log([version.padEnd(8), account.padEnd(14), name.padEnd(30), theirs.padStart(14), ours.padStart(14), ` ${verdict}`].join(' '));
}

/** Says what is on one side alone. */
function difference(theirs, ours) {
  const alone = (some, others) => some.filter((word) => !others.includes(word)).slice(0, 8).map((word) => `"${word}"`).join(', ');
  const [left, right] = [alone(theirs, ours), alone(ours, theirs)];
  if (left || right) console.log(`           Directus alone: ${left || 'nothing'}; SQL alone: ${right || 'nothing'}`);
  else console.log(`           the same rows in another order or number: Directus ${theirs.join(', ')}; SQL ${ours.join(', ')}`);
}

/** Reads the dashboard as one account; returns how many panels differ. */
async function compare(version, account, url, token, relations) {
  const dashboards = await ask(url, token, '/dashboards?limit=-1&fields=*');
  const dashboard = dashboards.find(({ name }) => name === 'Passerelle');
  const panels = (await ask(url, token, '/panels?limit=-1&fields=*')).filter((panel) => panel.dashboard === dashboard?.id)
    .sort((a, b) => a.position_y - b.position_y || a.position_x - b.position_x);
  // All panels in one query, as the app does it: they share its limits.
  const asked = panels.map((panel, number) =>
    queriesOf(panel, relations).map((query, part) => ({ key: `query_${number}_${part}`, query })));
  const answers = await ask(url, token, '/graphql', { query: `query { ${asked.flat().map(({ key, query }) => graphql(key, query)).join(' ')} }` })
    .catch((error) => {
      line(version, account, 'the whole dashboard', '', '', 'DIFFERS');
      console.log(`           ${error.message}`);
    });
  if (!answers) return 1;
  let differing = 0;
  for (const [number, panel] of panels.entries()) {
    const theirs = shown(panel, asked[number].map(({ key }) => answers[key]));
    const ours = promised[panel.name] ? sql(promised[panel.name]) : [];
    const [left, right] = [words(theirs), words(ours)];
    const isSame = panel.name in promised && left.join('\n') === right.join('\n');
    line(version, account, panel.name, brief(theirs), brief(ours), isSame ? 'ok' : 'DIFFERS');
    if (!isSame) difference(left, right);
    differing += isSame ? 0 : 1;
  }
  for (const name of Object.keys(promised)) {
    if (besides(version).includes(name) || panels.some((panel) => panel.name === name)) continue;
    line(version, account, name, 'no panel', '', 'DIFFERS');
    differing += 1;
  }
  return differing;
}

const [order, ...rest] = process.argv.slice(2);
if (order === 'token') {
  const [url, file] = rest;
  const token = randomBytes(24).toString('hex');
  await ask(url, await login(url, administrator.email, administrator.password), '/users/me', { token }, 'PATCH');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
} else {
  const [version, url] = rest;
  const token = await login(url, administrator.email, administrator.password);
  const relations = await ask(url, token, '/relations');
  const trainer = await makeTrainer(url, token);
  let differing = await compare(version, 'administrator', url, token, relations);
  differing += await compare(version, 'trainer', url, await login(url, trainer.email, trainer.password), relations);
  process.exitCode = differing ? 1 : 0;
}
