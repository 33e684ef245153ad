/* A CGI program that does nothing: what the web server, fork, exec and exit cost by themselves. BENCH_STATUS is what it
   answers, 200 when it is not set. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void) {
  const char *status = getenv("BENCH_STATUS");
  char body[65536], text[128];
  while (read(0, body, sizeof body) > 0) continue;
  int count = snprintf(text, sizeof text, "Status: %.40s\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n",
                       status ? status : "200 OK");
  return write(1, text, (size_t)count) == count ? 0 : 1;
}
