import Passerelle

// One request, then exit. The arguments are never read: a query without `=` arrives there (RFC 3875, section 4.4), and
// `?migrate+--force` must stay a query.
Application.runProcess()
