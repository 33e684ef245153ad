/* A platform's token and score endpoints over TLS, one connection after the other:

     grade-server PORT CERTIFICATE.pem KEY.pem

   A path that ends in /token is answered with an access token of an hour, anything else with 200 and no content. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Reads one request with Content-Length; its length, 0 when the client leaves. */
static size_t read_request(SSL *stream, char *buffer, size_t capacity) {
  size_t count = 0, needed = 0;
  while (!needed || count < needed) {
    int more = SSL_read(stream, buffer + count, (int)(capacity - 1 - count));
    if (more <= 0) return 0;
    count += (size_t)more;
    buffer[count] = 0;
    char *end = strstr(buffer, "\r\n\r\n");
    if (!end || needed) continue;
    char *length = strcasestr(buffer, "\r\nContent-Length:");
    needed = (size_t)(end + 4 - buffer) + (length ? strtoul(length + 17, NULL, 10) : 0);
    if (needed >= capacity) return 0;
  }
  return count;
}

static void serve(SSL *stream) {
  static char request[65536];
  static const char token[] =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 77\r\nConnection: close\r\n\r\n"
      "{\"access_token\":\"0123456789abcdef01\",\"token_type\":\"Bearer\",\"expires_in\":3600}";
  static const char empty[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  if (!read_request(stream, request, sizeof request)) return;
  char *line_end = strstr(request, " HTTP/");
  int is_token = line_end && line_end - request > 6 && strncmp(line_end - 6, "/token", 6) == 0;
  SSL_write(stream, is_token ? token : empty, is_token ? sizeof token - 1 : sizeof empty - 1);
  SSL_shutdown(stream);
}

int main(int count, char **words) {
  if (count != 4) return 64;
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context, words[2]) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, words[3], SSL_FILETYPE_PEM) != 1)
    return 1;
  int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(words[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 64)) return 1;
  while (1) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    SSL *stream = SSL_new(context);
    SSL_set_fd(stream, client);
    if (SSL_accept(stream) == 1) serve(stream);
    SSL_free(stream);
    close(client);
  }
}
