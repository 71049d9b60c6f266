# shellcheck shell=bash
# Completes keywayctl: verbs and options as its --help lists them; pools and servers as the proxy
# names them that answers at --address.
_keywayctl() {
  local line=${COMP_LINE:0:COMP_POINT} words word option='' said=() asking=() each
  read -ra words <<<"$line"
  [[ $line != *[[:space:]] ]] || words+=('')
  word=${words[-1]}
  for each in "${words[@]:1:${#words[@]}-2}"; do
    case $option:$each in
      -a:* | --address:*) asking+=("--address=$each") && option='' ;;
      -p:* | --pool:*) option='' ;;
      *:--address=*) asking+=("$each") ;;
      *:-*) option=$each ;;
      *) said+=("$each") ;;
    esac
  done
  [[ $word != --*=* ]] || { option=${word%%=*} && word=${word#*=}; }
  # Readline replaces only what stands behind the last of these, as in 127.0.0.1:6386.
  local kept=${word%"${word##*[:=]}"}

  COMPREPLY=()
  while IFS= read -r each; do
    if [[ $each = "$word"* ]]; then COMPREPLY+=("$(printf %q "${each#"$kept"}")"); fi
  done < <(_keywayctl_offer "$1" 2>/dev/null)
}

# What may stand in place of the word, a line each. $1 is keywayctl.
_keywayctl_offer() {
  case $option in
    -a | --address) return ;;
    -p | --pool) "$1" names "${asking[@]}" && return ;;
  esac
  case $word:${#said[@]}:${said[0]} in
    -*) "$1" --help | sed -n 's/^  -[a-z], \(--[a-z]*\).*/\1/p' ;;
    *:0:*) "$1" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z-]*\) .*/\1/p' ;;
    *:1:eject | *:1:restore) "$1" names "${asking[@]}" ;;
    *:2:eject | *:2:restore) "$1" names "${asking[@]}" --pool="${said[1]}" ;;
    *:1:log-level)
      printf '%s\n' emerg alert crit err warn notice info debug verb vverb vvverb pverb
      ;;
  esac
}
complete -F _keywayctl keywayctl
