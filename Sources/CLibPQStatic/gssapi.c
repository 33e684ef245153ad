/* GSSAPI (RFC 2744) without a mechanism. Types are spelled out: the static build needs no Kerberos headers. */
#include <stddef.h>
#include <stdint.h>

typedef uint32_t OM_uint32;
typedef struct { OM_uint32 length; void *elements; } gss_OID_desc;
typedef struct { size_t length; void *value; } gss_buffer_desc;

/* RFC 2744, section 3.9.1: routine errors stand in bits 16 to 23. */
static const OM_uint32 complete = 0;
static const OM_uint32 unavailable = 16u << 16;

/* RFC 2744, appendix A: 1.2.840.113554.1.2.1.4 */
static gss_OID_desc hostbased_service = {10, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x01\x04"};
gss_OID_desc *GSS_C_NT_HOSTBASED_SERVICE = &hostbased_service;

static OM_uint32 refuse(OM_uint32 *minor) {
  if (minor) *minor = 0;
  return unavailable;
}

static void clear(gss_buffer_desc *buffer) {
  if (!buffer) return;
  buffer->length = 0;
  buffer->value = NULL;
}

OM_uint32 gss_acquire_cred(
    OM_uint32 *minor, void *name, OM_uint32 lifetime, void *mechanisms, int usage, void **credential, void **actual,
    OM_uint32 *actual_lifetime) {
  (void)name, (void)lifetime, (void)mechanisms, (void)usage;
  if (credential) *credential = NULL;
  if (actual) *actual = NULL;
  if (actual_lifetime) *actual_lifetime = 0;
  return refuse(minor);
}

OM_uint32 gss_release_cred(OM_uint32 *minor, void **credential) {
  if (minor) *minor = 0;
  if (credential) *credential = NULL;
  return complete;
}

OM_uint32 gss_import_name(OM_uint32 *minor, gss_buffer_desc *text, gss_OID_desc *type, void **name) {
  (void)text, (void)type;
  if (name) *name = NULL;
  return refuse(minor);
}

OM_uint32 gss_release_name(OM_uint32 *minor, void **name) {
  if (minor) *minor = 0;
  if (name) *name = NULL;
  return complete;
}

OM_uint32 gss_init_sec_context(
    OM_uint32 *minor, void *credential, void **context, void *target, gss_OID_desc *mechanism, OM_uint32 flags,
    OM_uint32 lifetime, void *bindings, gss_buffer_desc *input, gss_OID_desc **actual_mechanism,
    gss_buffer_desc *output, OM_uint32 *actual_flags, OM_uint32 *actual_lifetime) {
  (void)credential, (void)context, (void)target, (void)mechanism, (void)flags, (void)lifetime, (void)bindings;
  (void)input;
  if (actual_mechanism) *actual_mechanism = NULL;
  clear(output);
  if (actual_flags) *actual_flags = 0;
  if (actual_lifetime) *actual_lifetime = 0;
  return refuse(minor);
}

OM_uint32 gss_delete_sec_context(OM_uint32 *minor, void **context, gss_buffer_desc *token) {
  if (minor) *minor = 0;
  if (context) *context = NULL;
  clear(token);
  return complete;
}

OM_uint32 gss_wrap(
    OM_uint32 *minor, void *context, int confidential, OM_uint32 protection, gss_buffer_desc *input,
    int *is_confidential, gss_buffer_desc *output) {
  (void)context, (void)confidential, (void)protection, (void)input;
  if (is_confidential) *is_confidential = 0;
  clear(output);
  return refuse(minor);
}

OM_uint32 gss_unwrap(
    OM_uint32 *minor, void *context, gss_buffer_desc *input, gss_buffer_desc *output, int *is_confidential,
    OM_uint32 *protection) {
  (void)context, (void)input;
  clear(output);
  if (is_confidential) *is_confidential = 0;
  if (protection) *protection = 0;
  return refuse(minor);
}

OM_uint32 gss_wrap_size_limit(
    OM_uint32 *minor, void *context, int confidential, OM_uint32 protection, OM_uint32 output_size,
    OM_uint32 *maximum_input_size) {
  (void)context, (void)confidential, (void)protection, (void)output_size;
  if (maximum_input_size) *maximum_input_size = 0;
  return refuse(minor);
}

/* The text is the program's own, so gss_release_buffer below has nothing to free. */
OM_uint32 gss_display_status(
    OM_uint32 *minor, OM_uint32 value, int type, gss_OID_desc *mechanism, OM_uint32 *more, gss_buffer_desc *text) {
  static char words[] = "GSSAPI is not part of this program";
  (void)value, (void)type, (void)mechanism;
  if (minor) *minor = 0;
  if (more) *more = 0;
  if (text) {
    text->length = sizeof words - 1;
    text->value = words;
  }
  return complete;
}

OM_uint32 gss_release_buffer(OM_uint32 *minor, gss_buffer_desc *buffer) {
  if (minor) *minor = 0;
  clear(buffer);
  return complete;
}
