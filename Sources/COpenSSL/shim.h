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

#endif
