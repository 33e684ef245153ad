/* Times whole CGI processes, from before the spawn to after the wait, contenders taking turns:

     exec-times ROUNDS EXPECTED_STATUS PATH_INFO REQUESTS CONTENDER…

   REQUESTS holds one request per line, "Header-Name: value<TAB>body"; round n of every contender sends line n. A
   CONTENDER is "name|program and arguments|KEY=VALUE|KEY=VALUE…". Every answer must carry the expected status. Prints a line for each
   contender: name, median and lower quartile in microseconds, CPU (user + system) median, median page faults, largest
   resident set in KiB. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { maximum_contenders = 8, maximum_variables = 64, maximum_arguments = 8, warm_up_rounds = 10 };

typedef struct {
  char *name;
  char *arguments[maximum_arguments + 1];
  char *environment[maximum_variables];
  int variables;
  double *times, *cpu, *faults;
  long largest;
} Contender;

static _Noreturn void fail(const char *what, const char *detail) {
  fprintf(stderr, "exec-times: %s: %s\n", what, detail);
  exit(1);
}

static int ascending(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

static double quantile(double *values, int count, double part) {
  qsort(values, (size_t)count, sizeof *values, ascending);
  return values[(int)(part * (count - 1) + 0.5)];
}

static double microseconds(struct timespec time) { return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3; }

static double seconds(struct timeval time) { return (double)time.tv_sec * 1e6 + (double)time.tv_usec; }

/* What a web server sets for any request (RFC 3875, section 4.1), with a browser's usual headers. */
static void set_common_variables(Contender *contender, const char *path) {
  static char *common[] = {
      "GATEWAY_INTERFACE=CGI/1.1", "SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=Apache/2.4", "SERVER_NAME=127.0.0.1",
      "SERVER_PORT=80", "SERVER_ADDR=127.0.0.1", "REMOTE_ADDR=127.0.0.1", "REMOTE_PORT=40000", "REQUEST_METHOD=POST",
      "REQUEST_SCHEME=http", "SCRIPT_NAME=/passerelle", "QUERY_STRING=", "HTTP_HOST=127.0.0.1", "HTTP_ACCEPT=*/*",
      "HTTP_ACCEPT_LANGUAGE=fr", "HTTP_ACCEPT_ENCODING=gzip, deflate, br", "HTTP_CONNECTION=keep-alive",
      "HTTP_USER_AGENT=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
  for (size_t index = 0; index < sizeof common / sizeof *common; index++)
    contender->environment[contender->variables++] = common[index];
  if (asprintf(&contender->environment[contender->variables++], "PATH_INFO=%s", path) < 0) exit(1);
}

static void read_contender(Contender *contender, char *words, const char *path) {
  contender->name = strtok(words, "|");
  char *command = strtok(NULL, "|");
  if (!command) fail("not a contender", words);
  set_common_variables(contender, path);
  for (char *word; (word = strtok(NULL, "|"));) contender->environment[contender->variables++] = word;
  int count = 0;
  for (char *word = strtok(command, " "); word && count < maximum_arguments; word = strtok(NULL, " "))
    contender->arguments[count++] = word;
}

/* One request line taken apart: the variables it sets and the body, in a file that the program reads. */
typedef struct {
  char header[512], length[40], type[64];
  int body;
} Request;

static void open_request(Request *request, const char *line, size_t count) {
  const char *tab = memchr(line, '\t', count), *colon = tab ? memchr(line, ':', (size_t)(tab - line)) : NULL;
  if (!colon) fail("not a request", line);
  int written = snprintf(request->header, sizeof request->header, "HTTP_%.*s=%.*s", (int)(colon - line), line,
                         (int)(tab - colon - 2), colon + 2);
  if (written < 0 || (size_t)written >= sizeof request->header) fail("a header is too long", "");
  for (char *byte = request->header; *byte && *byte != '='; byte++)
    *byte = *byte == '-' ? '_' : *byte >= 'a' && *byte <= 'z' ? (char)(*byte - 32) : *byte;
  size_t size = count - (size_t)(tab + 1 - line);
  snprintf(request->length, sizeof request->length, "CONTENT_LENGTH=%zu", size);
  snprintf(request->type, sizeof request->type, "CONTENT_TYPE=%s",
           tab[1] == '{' ? "application/json" : "application/x-www-form-urlencoded");
  request->body = memfd_create("body", MFD_CLOEXEC);
  if (request->body < 0 || write(request->body, tab + 1, size) != (ssize_t)size) fail("memfd", request->length);
}

static void run(Contender *contender, int round, const Request *request, const char *expected) {
  int output[2];
  if (pipe2(output, O_CLOEXEC) || lseek(request->body, 0, SEEK_SET)) fail("pipe", contender->name);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, request->body, 0);
  posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  struct timespec start, end;
  struct rusage usage;
  pid_t child;
  int status;
  clock_gettime(CLOCK_MONOTONIC, &start);
  char **arguments = contender->arguments;
  if (posix_spawn(&child, arguments[0], &actions, NULL, arguments, contender->environment))
    fail("cannot start", arguments[0]);
  if (wait4(child, &status, 0, &usage) != child) fail("wait4", contender->name);
  clock_gettime(CLOCK_MONOTONIC, &end);
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  char answer[65536];
  ssize_t count = read(output[0], answer, sizeof answer - 1);
  close(output[0]);
  answer[count < 0 ? 0 : count] = 0;
  if (strncmp(answer, "Status: ", 8) != 0 || strncmp(answer + 8, expected, strlen(expected)) != 0) {
    fprintf(stderr, "exec-times: %s, round %d (wait status %d) answered:\n%s\n", contender->name, round, status, answer);
    exit(1);
  }
  if (round < 0) return;
  contender->times[round] = microseconds(end) - microseconds(start);
  contender->cpu[round] = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  contender->faults[round] = (double)(usage.ru_minflt + usage.ru_majflt);
  if (usage.ru_maxrss > contender->largest) contender->largest = usage.ru_maxrss;
}

int main(int count, char **words) {
  if (count < 6 || count > 5 + maximum_contenders) fail("usage", "ROUNDS EXPECTED_STATUS PATH_INFO REQUESTS CONTENDER…");
  int rounds = atoi(words[1]), contenders = count - 5;
  static Contender all[maximum_contenders];
  for (int index = 0; index < contenders; index++) {
    read_contender(&all[index], words[5 + index], words[3]);
    all[index].times = calloc((size_t)rounds, sizeof(double));
    all[index].cpu = calloc((size_t)rounds, sizeof(double));
    all[index].faults = calloc((size_t)rounds, sizeof(double));
  }
  FILE *requests = fopen(words[4], "r");
  if (!requests) fail("cannot read", words[4]);
  char *line = NULL;
  size_t capacity = 0;
  for (int round = -warm_up_rounds; round < rounds; round++) {
    ssize_t length = getline(&line, &capacity, requests);
    if (length <= 0) fail("too few requests in", words[4]);
    if (line[length - 1] == '\n') line[--length] = 0;
    Request request;
    open_request(&request, line, (size_t)length);
    /* Nobody is always first: what runs after what changes from round to round. */
    for (int turn = 0; turn < contenders; turn++) {
      Contender *contender = &all[(turn + round + warm_up_rounds) % contenders];
      char **environment = contender->environment + contender->variables;
      environment[0] = request.header;
      environment[1] = request.length;
      environment[2] = request.type;
      environment[3] = NULL;
      run(contender, round, &request, words[2]);
    }
    close(request.body);
  }
  for (int index = 0; index < contenders; index++) {
    Contender *c = &all[index];
    printf("%s %.0f %.0f %.0f %.0f %ld\n", c->name, quantile(c->times, rounds, 0.5), quantile(c->times, rounds, 0.25),
           quantile(c->cpu, rounds, 0.5), quantile(c->faults, rounds, 0.5), c->largest);
  }
  return 0;
}
