/* Makes what a platform and a browser would bring to so many launches:

     make-launches COUNT PEOPLE CLAIMS REGISTRATION KEY.pem KID >requests 3>login-states.copy

   CLAIMS is the payload of a recorded launch in which @NONCE@, @SUB@, @IAT@ and @EXP@ stand for what changes. Writes
   "Cookie: …<TAB>id_token=…&state=…" lines, and to descriptor 3 the rows (state, nonce, browser, registration) that
   the login initiations would have left, for COPY. */
#include "cgi.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static char *read_file(const char *path) {
  FILE *file = fopen(path, "r");
  Buffer contents = {0};
  char chunk[4096];
  size_t count;
  if (!file) exit(1);
  while ((count = fread(chunk, 1, sizeof chunk, file)) > 0) append(&contents, chunk, count);
  fclose(file);
  while (contents.count && contents.bytes[contents.count - 1] == '\n') contents.bytes[--contents.count] = 0;
  return contents.bytes;
}

static void append_base64url(Buffer *buffer, const unsigned char *bytes, size_t count) {
  char *text = malloc(4 * (count / 3 + 1) + 1);
  int length = EVP_EncodeBlock((unsigned char *)text, bytes, (int)count);
  while (length && text[length - 1] == '=') length--;
  for (int index = 0; index < length; index++) text[index] = text[index] == '+' ? '-' : text[index] == '/' ? '_' : text[index];
  append(buffer, text, (size_t)length);
  free(text);
}

static char *claims(const char *pattern, const char *nonce, int person, long now) {
  Buffer filled = {0};
  for (const char *at = pattern; *at;) {
    if (strncmp(at, "@NONCE@", 7) == 0) append_text(&filled, nonce), at += 7;
    else if (strncmp(at, "@SUB@", 5) == 0) append_format(&filled, "%d", 1000 + person), at += 5;
    else if (strncmp(at, "@IAT@", 5) == 0) append_format(&filled, "%ld", now), at += 5;
    else if (strncmp(at, "@EXP@", 5) == 0) append_format(&filled, "%ld", now + 3600), at += 5;
    else append(&filled, at++, 1);
  }
  return filled.bytes;
}

static void print_digest(FILE *file, const char *secret) {
  unsigned char digest[32];
  sha256((Text){secret, strlen(secret)}, digest);
  fputs("\\\\x", file);
  for (int index = 0; index < 32; index++) fprintf(file, "%02x", digest[index]);
  fputc('\t', file);
}

int main(int count, char **words) {
  if (count != 7) return 64;
  long launches = atol(words[1]), people = atol(words[2]), now = (long)time(NULL);
  char *pattern = read_file(words[3]), header[300];
  FILE *key_file = fopen(words[5], "r"), *states = fdopen(3, "w");
  EVP_PKEY *key = key_file ? PEM_read_PrivateKey(key_file, NULL, NULL, NULL) : NULL;
  if (!key || !states) return 1;
  snprintf(header, sizeof header, "{\"typ\":\"JWT\",\"alg\":\"RS256\",\"kid\":\"%s\"}", words[6]);
  for (long launch = 0; launch < launches; launch++) {
    char state[44], nonce[44], proof[44];
    random_secret(state);
    random_secret(nonce);
    random_secret(proof);
    char *payload = claims(pattern, nonce, (int)(launch % people), now);
    Buffer token = {0};
    append_base64url(&token, (unsigned char *)header, strlen(header));
    append_text(&token, ".");
    append_base64url(&token, (unsigned char *)payload, strlen(payload));
    unsigned char signature[1024];
    size_t length = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, signature, &length, (unsigned char *)token.bytes, token.count) != 1)
      return 1;
    EVP_MD_CTX_free(context);
    append_text(&token, ".");
    append_base64url(&token, signature, length);
    printf("Cookie: passerelle-%.16s=%s\tid_token=%s&state=%s\n", state, proof, token.bytes, state);
    print_digest(states, state);
    print_digest(states, nonce);
    print_digest(states, proof);
    fprintf(states, "%s\n", words[4]);
    free(token.bytes);
    free(payload);
  }
  return ferror(stdout) || fclose(states) ? 1 : 0;
}
