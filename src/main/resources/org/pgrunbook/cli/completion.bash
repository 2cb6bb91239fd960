# Completion of pgrunbook for bash, and for zsh by its bashcompinit. Made by 'pgrunbook completion'; no Java runs on a TAB.

_pgrunbook_home='@HOME@'

_pgrunbook_options() {
    case $1 in
@OPTIONS@
    esac
}

# What a command takes beside its options: the names of its positional parameters, or the words themselves.
_pgrunbook_takes() {
    case $1 in
@TAKES@
    esac
}

# Options after which a value stands.
_pgrunbook_has_value() {
    case "$1 $2" in
@VALUES@
    esac
    return 1
}

_pgrunbook_runbooks() {
    local folder
    for folder in ./runbooks "$_pgrunbook_home/runbooks"; do
        [ -d "$folder" ] && (cd "$folder" && find . -name '*.groovy' | sed 's|^\./||; s|\.groovy$||')
    done
}

# CLUSTER and CLUSTER/NODE, by the indentation of the inventory; what is written within braces is not seen.
_pgrunbook_targets() {
    local place=${1:-${PGRUNBOOK_INVENTORY:-inventory}}
    [ -d "$place" ] && place="$place/*.yml"
    # shellcheck disable=SC2086
    cat $place 2>/dev/null | awk '
        /^[ \t]*(#|$)/ { next }
        /^[^ ]/ { inside = /^clusters:/; level = -1; next }
        inside {
            match($0, /^ */); indent = RLENGTH
            key = $0; sub(/^ */, "", key); sub(/:.*/, "", key); gsub(/["\047]/, "", key)
            if (level < 0 || indent <= level) { level = indent; cluster = key; nodes = -1; print cluster; next }
            if (nodes >= 0 && indent <= nodes) nodes = -1
            if (key == "nodes") { nodes = indent; first = -1; next }
            if (nodes >= 0) { if (first < 0) first = indent; if (indent == first) print cluster "/" key }
        }'
}

# "name TYPE" of each parameter, from the declarations of a runbook.
_pgrunbook_declared() {
    local file
    for file in "$1" "./runbooks/$1.groovy" "$_pgrunbook_home/runbooks/$1.groovy"; do
        if [ -f "$file" ]; then
            sed -n "s/'[^']*'//g; s/\"[^\"]*\"//g
                s/^ *@Param *([^)]*) *\([A-Za-z][A-Za-z0-9_.<>]*\)  *\([A-Za-z_][A-Za-z0-9_]*\).*/\2 \1/p" "$file"
            return
        fi
    done
}

# What may stand behind "-p NAME=": RUNBOOK NAME TARGET INVENTORY.
_pgrunbook_given() {
    case $(_pgrunbook_declared "$1" | sed -n "s/^$2 //p") in
        Boolean) echo true false ;;
        Node | 'List<Node>') _pgrunbook_targets "$4" | sed -n "s|^${3%%/*}/||p" ;;
        Cluster) _pgrunbook_targets "$4" | grep -v / ;;
@CONSTANTS@
    esac
}

_pgrunbook_runs() {
    local folder=${PGRUNBOOK_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/pgrunbook}/runs
    echo last
    [ -d "$folder" ] && (cd "$folder" && ls) | sed -n 's/\.jsonl$//p' | tail -n 20
}

_pgrunbook() {
    local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} name='' prefix=''
    local command='' runbook='' target='' inventory='' position=0 i word words=''
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
            =) i=$((i + 1)) ;;
            -i | --inventory)
                if [ "${COMP_WORDS[i + 1]}" = = ]; then i=$((i + 1)); fi
                i=$((i + 1))
                inventory=${COMP_WORDS[i]}
                ;;
            -*) if _pgrunbook_has_value "$command" "$word"; then i=$((i + 1)); fi ;;
            *)
                if [ -z "$command" ]; then
                    command=$word
                else
                    position=$((position + 1))
                    if [ -z "$runbook" ]; then runbook=$word; else target=${target:-$word}; fi
                fi
                ;;
        esac
    done

    # bash makes three words of NAME=VALUE, zsh leaves it one.
    if [ "$cur" = = ]; then
        name=$before cur=''
    elif [ "$before" = = ]; then
        name=${COMP_WORDS[COMP_CWORD - 2]}
    else
        case $cur in *=*) name=${cur%%=*} prefix="${cur%%=*}=" cur=${cur#*=} ;; esac
    fi

    COMPREPLY=()
    case $name in
        '') ;;
        -*) before=$name ;;
        *)
            words=$(_pgrunbook_given "$runbook" "$name" "$target" "$inventory")
            COMPREPLY=($(compgen -P "$prefix" -W "$words" -- "$cur"))
            return
            ;;
    esac
    case $before in
        -i | --inventory)
            COMPREPLY=($(compgen -P "$prefix" -f -- "$cur"))
            return
            ;;
        -p)
            words=$(_pgrunbook_declared "$runbook" | sed 's/ .*/=/')
            COMPREPLY=($(compgen -W "$words" -- "$cur"))
            [ -z "$BASH_VERSION" ] || compopt -o nospace 2>/dev/null
            return
            ;;
        --confirm) words=$(_pgrunbook_targets "$inventory") ;;
        *)
            if _pgrunbook_has_value "$command" "$before"; then return; fi
            case $cur in
                -*) words=$(_pgrunbook_options "$command") ;;
                *)
                    set -- $(_pgrunbook_takes "$command")
                    case $1 in
                        RUNBOOK | RUN | TARGET | CLUSTER)
                            [ "$position" -gt 0 ] && [ "$1" != RUNBOOK... ] && shift "$((position < $# ? position : $#))"
                            ;;
                        RUNBOOK...) set -- RUNBOOK ;;
                        *) [ "$position" -gt 0 ] && set -- TAKEN ;;
                    esac
                    case ${1:-} in
                        RUNBOOK) words="$(_pgrunbook_runbooks) $(compgen -f -X '!*.groovy' -- "$cur")" ;;
                        TARGET) words=$(_pgrunbook_targets "$inventory") ;;
                        CLUSTER) words=$(_pgrunbook_targets "$inventory" | grep -v /) ;;
                        RUN) words=$(_pgrunbook_runs) ;;
                        TAKEN) ;;
                        *) words=$* ;;
                    esac
                    ;;
            esac
            ;;
    esac
    COMPREPLY=($(compgen -P "$prefix" -W "$words" -- "$cur"))
}

if [ -n "$ZSH_VERSION" ]; then
    # zsh would put a blank behind "-p NAME=", too; what ends in one gets one.
    _pgrunbook_spaced() {
        _pgrunbook
        COMPREPLY=("${COMPREPLY[@]/%/ }")
        COMPREPLY=("${COMPREPLY[@]/%= /=}")
    }
    complete -o nospace -F _pgrunbook_spaced pgrunbook
else
    complete -F _pgrunbook pgrunbook
fi
