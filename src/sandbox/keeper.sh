#!/bin/sh
# Ends whatever is left of a world when its own process ends, in order or killed: every process group it told of and that
# has not ended, then its directory.
#   keeper.sh DIRECTORY     standard input: "started PID", "ended PID"
# Standard input ends when that process does, however it ends. Ctrl-C in a terminal reaches this process, too.
trap '' HUP INT TERM
directory=$1
pids=
while read -r verb pid; do
  case $verb in
    started) pids="$pids $pid" ;;
    ended)
      left=
      for one in $pids; do [ "$one" = "$pid" ] || left="$left $one"; done
      pids=$left
      ;;
  esac
done
for pid in $pids; do kill -9 "-$pid"; done 2>/dev/null
tries=0
while [ -e "$directory" ] && [ $tries -lt 50 ]; do
  rm -rf "$directory" 2>/dev/null || sleep 0.1
  tries=$((tries + 1))
done
