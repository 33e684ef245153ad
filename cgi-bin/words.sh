# shellcheck shell=bash
# What scripts say: in French where the locale is French, in English otherwise. Sourced, with `say` and `fail` as functions that tell and
# end. Each text stands once, in both languages side by side:
#
#   say_in "the site is enabled" "le site est activé"

# As programs do: the first of these that is set says it.
case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
  fr | fr[_.@]*) WORDS_LANGUAGE=fr ;;
  *) WORDS_LANGUAGE=en ;;
esac

# Prints the text of the locale: in_words ENGLISH FRENCH
in_words() {
  if [ $# -ne 2 ] || [ -z "$1" ] || [ -z "$2" ]; then
    printf '✗ a text lacks a language: %s\n' "$*" >&2
    exit 70
  fi
  if [ "$WORDS_LANGUAGE" = fr ]; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}
say_in() {
  local words
  words=$(in_words "$@") || exit
  say "$words"
}
fail_in() {
  local words
  words=$(in_words "$@") || exit
  fail "$words"
}
