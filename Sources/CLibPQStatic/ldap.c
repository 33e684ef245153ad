/* The LDAP C API (RFC 1823 and OpenLDAP's ldap.h) without a network. libpq looks services up with it. */
#include <stddef.h>

/* ldap.h: LDAP_NOT_SUPPORTED. */
static const int not_supported = -0x0c;

/* NULL: no handle can be made; libpq then reports that it could not create the LDAP structure, and stops. */
void *ldap_init(const char *host, int port) {
  (void)host, (void)port;
  return NULL;
}

int ldap_set_option(void *ldap, int option, const void *value) {
  (void)ldap, (void)option, (void)value;
  return -1; /* LDAP_OPT_ERROR */
}

int ldap_simple_bind(void *ldap, const char *name, const char *password) {
  (void)ldap, (void)name, (void)password;
  return -1; /* no message number */
}

int ldap_unbind(void *ldap) {
  (void)ldap;
  return not_supported;
}

int ldap_search_st(
    void *ldap, const char *base, int scope, const char *filter, char **attributes, int attributes_only, void *timeout,
    void **result) {
  (void)ldap, (void)base, (void)scope, (void)filter, (void)attributes, (void)attributes_only, (void)timeout;
  if (result) *result = NULL;
  return not_supported;
}

int ldap_result(void *ldap, int message, int all, void *timeout, void **result) {
  (void)ldap, (void)message, (void)all, (void)timeout;
  if (result) *result = NULL;
  return -1;
}

int ldap_msgfree(void *message) {
  (void)message;
  return 0; /* no message, no type */
}

void *ldap_first_entry(void *ldap, void *chain) {
  (void)ldap, (void)chain;
  return NULL;
}

int ldap_count_entries(void *ldap, void *chain) {
  (void)ldap, (void)chain;
  return -1;
}

void **ldap_get_values_len(void *ldap, void *entry, const char *attribute) {
  (void)ldap, (void)entry, (void)attribute;
  return NULL;
}

void ldap_value_free_len(void **values) { (void)values; }

char *ldap_err2string(int error) {
  static char words[] = "LDAP is not part of this program";
  (void)error;
  return words;
}
