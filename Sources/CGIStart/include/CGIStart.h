/* What a static program of one request does better without: linked into passerelle-cgi alone, nothing to call. */
