#!/usr/bin/env bash
# A real Slurm for the checks beside it: a controller and two one-core nodes with names, process ids and mounts of their own.
# Needs root and Debian's slurmctld, slurmd, slurm-client and munge.
#   cluster.sh up DIR        prints the SLURM_CONF to export, once both nodes are idle
#   cluster.sh kill DIR n1   a node's power failure: everything on it is gone, and the controller told so
#   cluster.sh cut DIR n1    the controller no longer hears of a node, whose jobs live on
#   cluster.sh node DIR n1   the node comes back
#   cluster.sh resume DIR    nodes on which a launch failed are used again
#   cluster.sh crash DIR     the controller dies; what it has not saved it will never know
#   cluster.sh control DIR   it begins again
#   cluster.sh remember DIR  it saves its state, which forget puts back while it is dead
#   cluster.sh forget DIR
# DIR/mount, where there is one, is run on each node as it starts. Touch DIR/refuse, and whatever is launched next fails to.
#   cluster.sh down DIR
set -euo pipefail
verb=$1 dir=$(realpath -m "$2") port=${SLURM_TEST_PORT:-17000}
export SLURM_CONF=$dir/slurm.conf

start() { # NAME COMMAND...: in the background, its id in NAME.upid
  local name=$1; shift
  "$@" >>"$dir/$name.out" 2>&1 </dev/null &
  echo $! >"$dir/$name.upid"
}
node() {
  start "$1" unshare --uts --mount --pid --fork --propagation slave --mount-proc --kill-child \
    sh -c "hostname $1; if test -x $dir/mount; then $dir/mount; fi; slurmd -D -N $1; sleep infinity"
}
controller() { start slurmctld slurmctld -D -i; until scontrol ping | grep -q ' UP'; do sleep 0.1; done; }
idle() { for _ in $(seq 300); do [ "$(sinfo -h -N -p low -o %t 2>/dev/null | grep -c '^idle$')" = "$1" ] && return; sleep 0.1; done; tail -n 5 "$dir"/*.out >&2; exit 1; }

case $verb in
up)
  mkdir -p "$dir"/{key,socket,state,n1,n2}
  chmod 700 "$dir/key"; chmod 711 "$dir/socket"
  (umask 077; head -c 128 /dev/urandom >"$dir/key/munge.key")
  cat >"$dir/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/socket/munge,cred_expire=5
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_interval=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/none
MpiDefault=none
MailProg=/bin/true
Prolog=$dir/prolog
MaxArraySize=6
ReturnToService=2
SlurmdTimeout=10
KillWait=30
NodeName=n1 NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1
NodeName=n2 NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1
PartitionName=low Nodes=n1,n2 Default=YES PriorityTier=1 MaxTime=INFINITE State=UP
PartitionName=high Nodes=n1,n2 PriorityTier=10 MaxTime=INFINITE State=UP
CONF
  printf '#!/bin/sh\ntest ! -e %s/refuse\n' "$dir" >"$dir/prolog"
  chmod 755 "$dir/prolog"
  start munged munged --foreground --key-file="$dir/key/munge.key" --socket="$dir/socket/munge" --pid-file="$dir/key/pid" \
    --seed-file="$dir/key/seed" --log-file="$dir/munge.log" --num-threads=2
  for _ in $(seq 100); do [ -S "$dir/socket/munge" ] && break; sleep 0.05; done
  controller
  node n1; node n2
  idle 2
  echo "$dir/slurm.conf"
  ;;
kill) kill -KILL "$(cat "$dir/$3.upid")"; scontrol update nodename="$3" state=down reason=power ;;
cut) # Its slurmd is the first child of the namespace's first process.
  first=$(pgrep -P "$(cat "$dir/$3.upid")")
  kill -KILL $(pgrep -P "$first" -x slurmd)
  scontrol update nodename="$3" state=down reason=cut
  ;;
node) kill -KILL "$(cat "$dir/$3.upid")" 2>/dev/null || true; node "$3" ;;
resume) for node in $(sinfo -h -N -p low -t drain,draining,drained -o %n | sort -u); do scontrol update nodename="$node" state=resume; done ;;
crash) kill -KILL "$(cat "$dir/slurmctld.upid")" ;;
control) controller ;;
remember) # It saves all as it ends.
  kill -TERM "$(cat "$dir/slurmctld.upid")"
  while kill -0 "$(cat "$dir/slurmctld.upid")" 2>/dev/null; do sleep 0.1; done
  rm -rf "$dir/remembered"; cp -a "$dir/state" "$dir/remembered"
  controller
  ;;
forget) rm -rf "$dir/state"; cp -a "$dir/remembered" "$dir/state" ;;
down)
  for node in n1 n2; do kill -KILL "$(cat "$dir/$node.upid")" 2>/dev/null || true; done # unshare passes on no TERM
  for daemon in slurmctld munged; do kill -TERM "$(cat "$dir/$daemon.upid")" 2>/dev/null || true; done
  for _ in $(seq 100); do kill -0 $(cat "$dir"/*.upid) 2>/dev/null || exit 0; sleep 0.1; done
  exit 1
  ;;
esac
