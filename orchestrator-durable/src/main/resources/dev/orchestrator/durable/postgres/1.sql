-- Durable jobs, version 1, for PostgreSQL. Times are milliseconds since 1970, but in the queue.

-- One row: the newest version that was applied.
create table orch_schema (version integer not null);

-- The table of db-scheduler: a work that may run has one row here.
create table orch_queue (
    task_name text not null,
    task_instance text not null,
    task_data bytea,
    execution_time timestamp with time zone not null,
    picked boolean not null,
    picked_by text,
    last_success timestamp with time zone,
    last_failure timestamp with time zone,
    consecutive_failures integer,
    last_heartbeat timestamp with time zone,
    version bigint not null,
    priority integer not null default 0,
    primary key (task_name, task_instance)
);
-- In the order of claiming. Its beginning also finds the few that are picked.
create index orch_queue_claim on orch_queue (picked, priority desc, execution_time);

-- Claims the most urgent works of these names that are due: one priority after the other, so that the index leads to what is
-- due, but no more than sixteen so, as there may be as many priorities as works. The plans that are refused here would look
-- each time at all that was claimed since the last vacuum.
create function orch_claim(tasks text[], node text, at timestamp with time zone, most integer)
    returns setof orch_queue
    language sql
    set enable_bitmapscan = off
    set enable_seqscan = off
    set enable_sort = off
as $claim$
    with recursive level (priority, place) as (
        select max(priority), 1 from orch_queue where not picked
        union all
        select (select max(below.priority) from orch_queue below where not picked and below.priority < level.priority),
            place + 1
        from level where level.priority is not null and place < 16),
    due as materialized (
        select * from (
            select found.* from level cross join lateral (
                select task_name, task_instance from orch_queue
                where not picked and priority = level.priority and execution_time <= at
                    and task_name || '' = any (tasks)
                order by execution_time limit most for update skip locked) found
            union all
            select found.* from (select min(priority) from level where place = 16) last (priority) cross join lateral (
                select task_name, task_instance from orch_queue
                where not picked and priority < last.priority and execution_time <= at
                    and task_name || '' = any (tasks)
                order by orch_queue.priority desc, execution_time limit most for update skip locked) found
        ) found limit most)
    update orch_queue queued
    set picked = true, picked_by = node, last_heartbeat = at, version = queued.version + 1
    from due where queued.task_name = due.task_name and queued.task_instance = due.task_instance
    returning queued.*
$claim$;

create table orch_job (
    position bigint generated always as identity primary key,
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
    news bigint not null,
    retry_of text,
    accepted bigint not null,
    due bigint not null,
    deadline bigint,
    timeout bigint,
    began bigint,
    ended bigint,
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
    events bigint not null default 0,
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
    place bigint generated always as identity primary key,
    work text not null,
    number integer not null,
    node text not null,
    began bigint not null,
    ended bigint not null,
    error_type text not null,
    error_text text,
    trace text not null
);
create index orch_attempt_work on orch_attempt (work, place);

create table orch_event (
    job text not null,
    position bigint not null,
    -- The claim and the number within it: what is said again after an uncertain answer is there already.
    said text not null,
    type text not null,
    version integer not null,
    payload text not null,
    primary key (job, position)
);
create unique index orch_event_said on orch_event (job, said);

create table orch_action (
    place bigint generated always as identity primary key,
    job text not null,
    at bigint not null,
    actor text not null,
    what text not null,
    detail text not null
);
create index orch_action_job on orch_action (job, place);

create table orch_limit (
    name text not null primary key,
    most integer not null
);

create table orch_slot (
    name text not null,
    work text not null,
    primary key (name, work)
);
create index orch_slot_work on orch_slot (work);

-- The works that wait for slots, with all limits that they need.
create table orch_slot_wait (
    name text not null,
    work text not null,
    priority integer not null,
    position bigint not null,
    primary key (name, work)
);
create index orch_slot_wait_order on orch_slot_wait (name, priority desc, position);
create index orch_slot_wait_work on orch_slot_wait (work);

create table orch_node (
    id text not null primary key,
    host text not null,
    pid bigint not null,
    started bigint not null,
    alive_until bigint not null
);

create table orch_node_task (
    node text not null,
    task text not null,
    primary key (node, task)
);

-- A content has its hash when all of it is stored.
create table orch_content (
    id bigint generated always as identity primary key,
    hash text unique,
    size bigint not null,
    asked bigint not null
);

create table orch_chunk (
    content bigint not null,
    place integer not null,
    bytes bytea not null,
    primary key (content, place)
);

create table orch_need (
    content bigint not null,
    job text not null,
    primary key (content, job)
);
create index orch_need_job on orch_need (job);

insert into orch_schema (version) values (1);
