/* OpenSSL 3 for Swift: the headers, and static inline functions for the macros that Swift cannot import.
   Each function is named after the macro it stands for. Linking is Package.swift's business. */
#ifndef PASSERELLE_COPENSSL_SHIM_H
#define PASSERELLE_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static inline void COpenSSL_OPENSSL_free(void *pointer) { OPENSSL_free(pointer); }

static inline long COpenSSL_BIO_get_mem_data(BIO *bio, char **data) { return BIO_get_mem_data(bio, data); }
static inline int COpenSSL_BIO_pending(BIO *bio) { return (int)BIO_pending(bio); }

/* Server name indication (RFC 6066 section 3). The macro casts const away; OpenSSL copies the name. */
static inline long COpenSSL_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, (void *)name);
}
static inline int COpenSSL_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_min_proto_version(context, version);
}
static inline int COpenSSL_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
  return (int)SSL_CTX_set_max_proto_version(context, version);
}
static inline long COpenSSL_SSL_CTX_set_mode(SSL_CTX *context, uint32_t mode) { return SSL_CTX_set_mode(context, mode); }
static inline long COpenSSL_SSL_set_mode(SSL *ssl, uint32_t mode) { return SSL_set_mode(ssl, mode); }
static inline long COpenSSL_SSL_CTX_set_session_cache_mode(SSL_CTX *context, int mode) {
  return SSL_CTX_set_session_cache_mode(context, mode);
}

/* Option bits are function-like macros, which Swift does not see. */
static inline uint64_t COpenSSL_SSL_OP_NO_COMPRESSION(void) { return SSL_OP_NO_COMPRESSION; }
static inline uint64_t COpenSSL_SSL_OP_NO_RENEGOTIATION(void) { return SSL_OP_NO_RENEGOTIATION; }
static inline uint64_t COpenSSL_SSL_OP_NO_TICKET(void) { return SSL_OP_NO_TICKET; }
static inline uint64_t COpenSSL_SSL_OP_IGNORE_UNEXPECTED_EOF(void) { return SSL_OP_IGNORE_UNEXPECTED_EOF; }

/* EVP_RSA_gen is a cast macro over a variadic function. */
static inline EVP_PKEY *COpenSSL_EVP_RSA_gen(unsigned int bits) { return EVP_RSA_gen(bits); }

/* Call before the first EVP or SSL function of the process; again is harmless. 1 on success.
   Leaves out what a process of one request pays for and never uses (static, whole process, with one AES-GCM sealing):
   openssl.cnf (0.4 ms), the legacy names of the ciphers (0.4 ms), the clean-up at exit (0.03 ms). TLS needs none of
   them. The legacy names of the digests stay: X.509 looks up by them how strong a signature is, and without them TLS
   takes every certificate that an authority signed for too weak. */
static inline int COpenSSL_initialize(void) {
  return OPENSSL_init_crypto(
      OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ATEXIT, NULL);
}

/* The digests below EVP: deprecated in OpenSSL 3.0, and kept because EVP's first digest in a process loads the
   provider (0.3 ms). The digest is written to `out`; 1 on success. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline int COpenSSL_SHA256(const void *data, size_t length, unsigned char out[SHA256_DIGEST_LENGTH]) {
  SHA256_CTX context;
  return SHA256_Init(&context) && SHA256_Update(&context, data, length) && SHA256_Final(out, &context);
}
static inline int COpenSSL_SHA1(const void *data, size_t length, unsigned char out[SHA_DIGEST_LENGTH]) {
  SHA_CTX context;
  return SHA1_Init(&context) && SHA1_Update(&context, data, length) && SHA1_Final(out, &context);
}
#pragma GCC diagnostic pop

#endif
