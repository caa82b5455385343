-- Durable jobs, version 1, for SQLite. Times are milliseconds since 1970.

-- One row: the newest version that was applied.
create table orch_schema (version integer not null);

-- The table of db-scheduler: a work that may run has one row here.
create table orch_queue (
    task_name text not null,
    task_instance text not null,
    task_data blob,
    execution_time integer not null,
    picked boolean not null,
    picked_by text,
    last_success integer,
    last_failure integer,
    consecutive_failures integer,
    last_heartbeat integer,
    version integer not null,
    priority integer not null default 0,
    primary key (task_name, task_instance)
);
-- In the order of claiming. Its beginning also finds the few that are picked.
create index orch_queue_claim on orch_queue (picked, priority desc, execution_time);

create table orch_job (
    position integer primary key,
    id text not null unique,
    -- The job that it was stored for, or another one if it takes part in that one's work.
    work text not null,
    -- The name of the work in the queue.
    task text not null,
    type text not null,
    version integer not null,
    state text not null,
    payload text not null,
    options text not null,
    priority integer not null,
    job_key text,
    owner text,
    reader text,
    -- Whether somebody will acknowledge its ending.
    told boolean not null,
    news integer not null,
    retry_of text,
    accepted integer not null,
    due integer not null,
    deadline integer,
    timeout integer,
    began integer,
    ended integer,
    attempts integer not null default 0,
    failures integer not null default 0,
    crashes integer not null default 0,
    waits_for text,
    node text,
    stop_wish text,
    -- Whether others took part in its work, ever.
    shared boolean not null default false,
    -- How many slots of limits its work holds.
    slots integer not null default 0,
    events integer not null default 0,
    result text,
    error_type text,
    error_text text,
    -- The text in lower case, for searching.
    error_search text,
    error text,
    progress text,
    discarded boolean not null default false
);
create index orch_job_open on orch_job (position) where ended is null;
create index orch_job_ended on orch_job (ended) where ended is not null;
create index orch_job_rare on orch_job (state, position) where state in ('PARKED', 'FAILED', 'CANCELLED', 'TIMED_OUT');
create index orch_job_key_open on orch_job (type, job_key, position) where job_key is not null and ended is null;
create index orch_job_key on orch_job (job_key, position) where job_key is not null;
create index orch_job_joined on orch_job (work) where work <> id;
create index orch_job_news on orch_job (reader, position) where news > 0;
create index orch_job_owner on orch_job (owner) where ended is null or news > 0;
create index orch_job_deadline on orch_job (deadline) where deadline is not null and ended is null;
create index orch_job_waits on orch_job (waits_for, due) where waits_for is not null and ended is null;

create table orch_attempt (
    place integer primary key,
    work text not null,
    number integer not null,
    node text not null,
    began integer not null,
    ended integer not null,
    error_type text not null,
    error_text text,
    trace text not null
);
create index orch_attempt_work on orch_attempt (work, place);

create table orch_event (
    job text not null,
    position integer not null,
    -- The claim and the number within it: what is said again after an uncertain answer is there already.
    said text not null,
    type text not null,
    version integer not null,
    payload text not null,
    primary key (job, position)
) without rowid;
create unique index orch_event_said on orch_event (job, said);

create table orch_action (
    place integer primary key,
    job text not null,
    at integer not null,
    actor text not null,
    what text not null,
    detail text not null
);
create index orch_action_job on orch_action (job, place);

create table orch_limit (
    name text not null primary key,
    most integer not null
) without rowid;

create table orch_slot (
    name text not null,
    work text not null,
    primary key (name, work)
) without rowid;
create index orch_slot_work on orch_slot (work);

-- The works that wait for slots, with all limits that they need.
create table orch_slot_wait (
    name text not null,
    work text not null,
    priority integer not null,
    position integer not null,
    primary key (name, work)
) without rowid;
create index orch_slot_wait_order on orch_slot_wait (name, priority desc, position);
create index orch_slot_wait_work on orch_slot_wait (work);

create table orch_node (
    id text not null primary key,
    host text not null,
    pid integer not null,
    started integer not null,
    alive_until integer not null
) without rowid;

create table orch_node_task (
    node text not null,
    task text not null,
    primary key (node, task)
) without rowid;

-- A content has its hash when all of it is stored. No number comes again: somebody may still read what was removed.
create table orch_content (
    id integer primary key autoincrement,
    hash text unique,
    size integer not null,
    asked integer not null
);

create table orch_chunk (
    content integer not null,
    place integer not null,
    bytes blob not null,
    primary key (content, place)
);

create table orch_need (
    content integer not null,
    job text not null,
    primary key (content, job)
) without rowid;
create index orch_need_job on orch_need (job);

insert into orch_schema (version) values (1);
