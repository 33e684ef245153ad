/*
 * Nothing to call from Swift: the objects of this target stand in for libgssapi_krb5 and libldap, which libpq.a asks for
 * and which Debian does not offer as static libraries. Each function answers "not available" as its own API says it.
 * A session is then asked for without GSSAPI, and a service file that names an LDAP server is refused with a reason.
 */
