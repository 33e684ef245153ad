/* Requests per second through a web server, by clients that keep their connections open; contenders take turns:

     load CLIENTS SLICES MILLISECONDS EXPECTED_STATUS HOST PORT REQUESTS NAME=/path…

   In each slice one contender is asked as fast as its clients can, with lines of REQUESTS ("Header-Name: value<TAB>
   body") that it has not seen; prints for each contender: name, requests answered, requests per second. Every answer
   must have the expected status. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef struct {
  char *name, *path;
  atomic_long next;
  long answered;
  double seconds;
} Contender;

static char **lines;
static long line_count;
static const char *host, *expected;
static int port;
static struct timespec deadline;
static Contender *current;
static atomic_long answered_in_slice;

static _Noreturn void fail(const char *what, const char *detail) {
  fprintf(stderr, "load: %s: %s\n", what, detail);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int open_connection(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int socket_ = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  inet_pton(AF_INET, host, &address.sin_addr);
  setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket_, (struct sockaddr *)&address, sizeof address)) fail("cannot connect", host);
  return socket_;
}

/* Whether `count` bytes are a whole answer, by its length or by its last chunk: Apache chunks what it starts to send before
   the program has ended. */
static bool is_whole(const char *answer, size_t count) {
  const char *end = strstr(answer, "\r\n\r\n"), *length = strcasestr(answer, "\r\nContent-Length:");
  if (!end) return false;
  if (length && length < end) return count >= (size_t)(end + 4 - answer) + strtoul(length + 17, NULL, 10);
  const char *chunked = strcasestr(answer, "\r\nTransfer-Encoding: chunked");
  if (!chunked || chunked > end) fail("an answer whose end cannot be known", answer);
  return memcmp(answer + count - 5, "0\r\n\r\n", 5) == 0;
}

/* Reads one answer; false when the server closes the connection afterwards. */
static bool read_answer(int connection) {
  static _Thread_local char buffer[1 << 16];
  size_t count = 0;
  do {
    if (count == sizeof buffer - 1) fail("an answer is too long", "");
    ssize_t more = read(connection, buffer + count, sizeof buffer - 1 - count);
    if (more <= 0) fail("the connection ended in", "an answer");
    count += (size_t)more;
    buffer[count] = 0;
  } while (!is_whole(buffer, count));
  if (strncmp(buffer + 9, expected, strlen(expected)) != 0) fail("an unexpected answer", buffer);
  return !strcasestr(buffer, "\r\nConnection: close");
}

static void *client(void *unused) {
  (void)unused;
  int connection = open_connection();
  char *request = NULL;
  size_t capacity = 0;
  double end = (double)deadline.tv_sec + (double)deadline.tv_nsec / 1e9;
  while (now() < end) {
    long number = atomic_fetch_add(&current->next, 1);
    if (number >= line_count) fail("too few requests for", current->name);
    const char *line = lines[number], *body = strchr(line, '\t') + 1;
    size_t needed = strlen(line) + 512, size = strlen(body);
    if (needed > capacity) request = realloc(request, capacity = needed);
    int count = snprintf(request, capacity,
                         "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n%.*s\r\n\r\n%s",
                         current->path, host, *body == '{' ? "application/json" : "application/x-www-form-urlencoded",
                         size, (int)(body - 1 - line), line, body);
    if (write(connection, request, (size_t)count) != count) fail("cannot write to", host);
    if (!read_answer(connection)) {
      close(connection);
      connection = open_connection();
    }
    atomic_fetch_add(&answered_in_slice, 1);
  }
  close(connection);
  free(request);
  return NULL;
}

static void read_lines(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) fail("cannot read", path);
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  long room = 0;
  while ((length = getline(&line, &capacity, file)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    if (line_count == room && !(lines = realloc(lines, (size_t)(room = room * 2 + 1024) * sizeof *lines))) exit(1);
    lines[line_count++] = strdup(line);
  }
  fclose(file);
}

int main(int count, char **words) {
  if (count < 9) fail("usage", "CLIENTS SLICES MILLISECONDS STATUS HOST PORT REQUESTS NAME=/path…");
  int clients = atoi(words[1]), slices = atoi(words[2]), milliseconds = atoi(words[3]), contenders = count - 8;
  expected = words[4];
  host = words[5];
  port = atoi(words[6]);
  read_lines(words[7]);
  Contender *all = calloc((size_t)contenders, sizeof *all);
  for (int index = 0; index < contenders; index++) {
    all[index].name = strtok(words[8 + index], "=");
    all[index].path = strtok(NULL, "");
  }
  for (int slice = -1; slice < slices; slice++) {
    for (int turn = 0; turn < contenders; turn++) {
      current = &all[(turn + slice + 1) % contenders];
      atomic_store(&answered_in_slice, 0);
      double start = now(), end = start + milliseconds / 1e3;
      deadline = (struct timespec){(time_t)end, (long)((end - (double)(time_t)end) * 1e9)};
      pthread_t threads[64];
      for (int index = 0; index < clients && index < 64; index++) pthread_create(&threads[index], NULL, client, NULL);
      for (int index = 0; index < clients && index < 64; index++) pthread_join(threads[index], NULL);
      if (slice < 0) continue; /* the first slice warms plans and caches */
      current->answered += atomic_load(&answered_in_slice);
      current->seconds += now() - start;
    }
  }
  for (int index = 0; index < contenders; index++)
    printf("%s %ld %.1f\n", all[index].name, all[index].answered, (double)all[index].answered / all[index].seconds);
  return 0;
}
