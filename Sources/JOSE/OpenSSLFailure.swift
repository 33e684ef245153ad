import COpenSSL

/// Takes OpenSSL's newest error code off the thread's queue and empties the queue, so that no later call reports it.
func openSSLFailure() -> JOSEError {
  let code = ERR_peek_last_error()
  ERR_clear_error()
  return .openSSL(UInt(code))
}

/// Prepares OpenSSL for EVP. SHA-256 and signature verification do without (see `RSAPublicKey`).
func prepareEVP() throws(JOSEError) {
  guard COpenSSL_initialize() == 1 else { throw openSSLFailure() }
}
