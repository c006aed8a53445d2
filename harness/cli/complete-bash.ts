/**
 * The completion script for bash. The library's own needs the package bash-completion (without it, each word is
 * completed as if it were the first), evaluates the words of the command line, and cannot be sourced twice.
 */
export const BASH_COMPLETION = String.raw`# bash completion for fathom: source <(fathom complete bash)
__fathom_complete() {
    local line=\${COMP_LINE:0:COMP_POINT} words=() word there='' suggestion
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=('')
    word=\${words[\${#words[@]} - 1]}
    # For readline a word begins anew after a colon, so what comes before it is there already.
    [[ $COMP_WORDBREAKS == *:* ]] && there=\${word%"\${word##*:}"}
    COMPREPLY=()
    while IFS=$'\t' read -r suggestion _; do
        # The last line is for the shell: a colon and a number.
        [[ $suggestion == "$word"* && ! $suggestion =~ ^:[0-9]*$ && -n $suggestion ]] || continue
        [[ $suggestion == *: ]] && compopt -o nospace 2> /dev/null
        COMPREPLY+=("\${suggestion#"$there"}")
    done < <(fathom complete -- "\${words[@]:1}" 2> /dev/null)
}
complete -o default -F __fathom_complete fathom
`.replaceAll('\\$', '$');
