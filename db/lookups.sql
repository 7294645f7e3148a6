-- The only reads and writes that happen before a workspace is known. Each is SECURITY DEFINER, owned by
-- modelyard_lookup, with a fixed search_path. Applied after every migration run, after grants.sql.

-- `creator_role` is null when the maker is no member any more, and when the system made the key.
drop function if exists lookup_api_key(text);
create function lookup_api_key(in_public_id text)
returns table (workspace_id uuid, workspace_slug text, archived_at timestamptz, id uuid, secret_hash bytea,
  previous_secret_hash bytea, previous_valid_until timestamptz, name text, role text, role_permissions text[], scopes text[],
  run_id uuid, created_by uuid, creator_role text, creator_permissions text[], expires_at timestamptz, revoked_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.workspace_id, w.slug, w.archived_at, k.id, k.secret_hash, k.previous_secret_hash, k.previous_valid_until, k.name,
    k.role, kr.permissions, k.scopes, k.run_id, k.created_by, m.role, mr.permissions, k.expires_at, k.revoked_at
  from api_keys k
  join workspaces w on w.id = k.workspace_id
  left join custom_roles kr on kr.workspace_id = k.workspace_id and kr.name = k.role
  left join members m on m.workspace_id = k.workspace_id and m.user_id = k.created_by
  left join custom_roles mr on mr.workspace_id = k.workspace_id and mr.name = m.role
  where k.public_id = in_public_id
$$;

create or replace function lookup_membership(in_user_id uuid, in_slug text)
returns table (workspace_id uuid, slug text, archived_at timestamptz, role text, role_permissions text[])
language sql stable security definer set search_path = public, pg_temp as $$
  select w.id, w.slug, w.archived_at, m.role, r.permissions
  from workspaces w
  join members m on m.workspace_id = w.id and m.user_id = in_user_id
  left join custom_roles r on r.workspace_id = w.id and r.name = m.role
  where w.slug = in_slug
$$;

-- For tokens that name their workspaces themselves: `in_ref` is a slug or an id.
create or replace function lookup_workspace_role(in_ref text, in_role text)
returns table (workspace_id uuid, slug text, archived_at timestamptz, role_permissions text[])
language sql stable security definer set search_path = public, pg_temp as $$
  select w.id, w.slug, w.archived_at, r.permissions
  from workspaces w left join custom_roles r on r.workspace_id = w.id and r.name = in_role
  where w.slug = in_ref or w.id::text = in_ref
$$;

-- Answers whether the slug was free.
create or replace function create_workspace(in_id uuid, in_slug text, in_name text, in_user_id uuid)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into workspaces (id, slug, name) values (in_id, in_slug, in_name) on conflict (slug) do nothing;
  if not found then return false; end if;
  insert into members (workspace_id, user_id, role) values (in_id, in_user_id, 'admin');
  return true;
end $$;

-- Workspaces a person administers that rest in the archive.
create or replace function list_archived_workspaces(in_user_id uuid)
returns table (id uuid, slug text, name text, archived_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select w.id, w.slug, w.name, w.archived_at from members m join workspaces w on w.id = m.workspace_id
  where m.user_id = in_user_id and m.role = 'admin' and w.archived_at is not null order by w.name
$$;

-- Providers of a workspace; without a slug those of the only workspace there is.
create or replace function list_sign_in_providers(in_slug text)
returns table (id uuid, name text)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.id, p.name from oidc_providers p join workspaces w on w.id = p.workspace_id
  where p.enabled and w.archived_at is null
    and (w.slug = in_slug or (in_slug is null and (select count(*) from workspaces o where o.archived_at is null) = 1))
  order by p.name, p.id
$$;

create or replace function lookup_oidc_provider(in_id uuid)
returns table (workspace_id uuid, workspace_slug text, id uuid, name text, issuer text, client_id text, client_secret bytea,
  algorithm text, scopes text, group_claim text, group_roles jsonb)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.workspace_id, w.slug, p.id, p.name, p.issuer, p.client_id, p.client_secret, p.algorithm, p.scopes, p.group_claim, p.group_roles
  from oidc_providers p join workspaces w on w.id = p.workspace_id
  where p.id = in_id and p.enabled and w.archived_at is null
$$;

create or replace function lookup_identity(in_issuer text, in_subject text)
returns table (id uuid, name text, email text)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.id, u.name, u.email from user_identities i join users u on u.id = i.user_id
  where i.issuer = in_issuer and i.subject = in_subject
$$;

-- The person behind an identity, made at the first sign-in.
create or replace function ensure_identity(in_issuer text, in_subject text, in_user_id uuid, in_name text, in_email text)
returns uuid language plpgsql security definer set search_path = public, pg_temp as $$
declare found_id uuid;
begin
  perform pg_advisory_xact_lock(hashtextextended('identity:' || in_issuer || ' ' || in_subject, 0));
  select i.user_id into found_id from user_identities i where i.issuer = in_issuer and i.subject = in_subject;
  if found then return found_id; end if;
  insert into users (id, name, email) values (in_user_id, in_name, in_email);
  insert into user_identities (issuer, subject, user_id) values (in_issuer, in_subject, in_user_id);
  return in_user_id;
end $$;

create or replace function lookup_session(in_token_hash bytea)
returns table (user_id uuid, name text, email text, expires_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.id, u.name, u.email, s.expires_at from sessions s join users u on u.id = s.user_id
  where s.token_hash = in_token_hash and s.expires_at > now()
$$;

create or replace function lookup_user(in_user_id uuid)
returns table (id uuid, name text, email text)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.id, u.name, u.email from users u where u.id = in_user_id
$$;

create or replace function create_session(in_token_hash bytea, in_user_id uuid, in_expires_at timestamptz)
returns void language sql security definer set search_path = public, pg_temp as $$
  insert into sessions (token_hash, user_id, expires_at) values (in_token_hash, in_user_id, in_expires_at)
$$;

create or replace function extend_session(in_token_hash bytea, in_expires_at timestamptz)
returns void language sql security definer set search_path = public, pg_temp as $$
  update sessions set expires_at = in_expires_at where token_hash = in_token_hash
$$;

create or replace function delete_session(in_token_hash bytea)
returns void language plpgsql security definer set search_path = public, pg_temp as $$
declare
  ended uuid;
begin
  delete from sessions where token_hash = in_token_hash returning user_id into ended;
  -- Open pages of this session look again whether they may still listen.
  perform pg_notify('modelyard_changes', m.workspace_id || ' access ' || m.user_id)
  from members m where m.user_id = ended;
end
$$;

create or replace function list_user_workspaces(in_user_id uuid)
returns table (id uuid, slug text, name text, role text)
language sql stable security definer set search_path = public, pg_temp as $$
  select w.id, w.slug, w.name, m.role from members m join workspaces w on w.id = m.workspace_id
  where m.user_id = in_user_id and w.archived_at is null order by w.name
$$;

create or replace function list_workspaces()
returns table (id uuid, slug text)
language sql stable security definer set search_path = public, pg_temp as $$
  select w.id, w.slug from workspaces w where w.archived_at is null order by w.created_at
$$;

-- For commands over the whole installation, archived workspaces among them.
create or replace function list_all_workspaces()
returns table (id uuid, slug text)
language sql stable security definer set search_path = public, pg_temp as $$
  select w.id, w.slug from workspaces w order by w.created_at, w.id
$$;

-- A link answers its user once; the second call answers nothing.
create or replace function use_sign_in_link(in_token_hash bytea)
returns table (user_id uuid)
language sql security definer set search_path = public, pg_temp as $$
  update sign_in_links l set used_at = now()
  where l.token_hash = in_token_hash and l.used_at is null and l.expires_at > now()
  returning l.user_id
$$;

create or replace function lookup_invitation(in_token_hash bytea)
returns table (workspace_id uuid, workspace_name text, workspace_slug text, id uuid, name text, role text)
language sql stable security definer set search_path = public, pg_temp as $$
  select i.workspace_id, w.name, w.slug, i.id, i.name, i.role
  from invitations i join workspaces w on w.id = i.workspace_id
  where i.token_hash = in_token_hash and i.accepted_at is null and i.expires_at > now() and w.archived_at is null
$$;

-- Accepting makes the person and the membership in one step; a used or expired link answers nothing.
create or replace function accept_invitation(in_token_hash bytea, in_user_id uuid)
returns table (user_id uuid, workspace_id uuid, workspace_slug text)
language plpgsql security definer set search_path = public, pg_temp as $$
declare i invitations%rowtype;
begin
  select * into i from invitations inv
    where inv.token_hash = in_token_hash and inv.accepted_at is null and inv.expires_at > now();
  if not found then return; end if;
  update invitations inv set accepted_at = now() where inv.token_hash = in_token_hash and inv.accepted_at is null;
  if not found then return; end if;
  insert into users (id, name, email) values (in_user_id, i.name, i.email) on conflict (id) do nothing;
  insert into members (workspace_id, user_id, role) values (i.workspace_id, in_user_id, i.role)
    on conflict do nothing;
  return query select in_user_id, w.id, w.slug from workspaces w where w.id = i.workspace_id;
end $$;

create or replace function unsent_outbox(in_limit int)
returns table (workspace_id uuid, id uuid, name text, data jsonb, created_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select o.workspace_id, o.id, o.name, o.data, o.created_at from outbox o
  where o.sent_at is null order by o.created_at, o.id limit in_limit
$$;

create or replace function mark_outbox_sent(in_ids uuid[])
returns void language sql security definer set search_path = public, pg_temp as $$
  update outbox set sent_at = now() where id = any(in_ids) and sent_at is null
$$;

-- Jobs a worker must look at: those whose trainer runs (whoever holds them), then queued ones that are due.
drop function if exists due_training_jobs(int);
create or replace function due_training_jobs(in_limit int)
returns table (workspace_id uuid, id uuid, status text, lease_owner text, lease_expired boolean)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.workspace_id, j.id, j.status, j.lease_owner, coalesce(j.lease_until < now(), true) from training_jobs j
  where (j.status = 'running' and j.trained_at is null)
    or (j.status = 'queued' and j.submitted_at is not null and coalesce(j.not_before <= now(), true))
  order by j.status = 'running' desc, j.priority desc, j.created_at, j.id limit in_limit
$$;

-- Sessions and sign-in links that can never be used again.
create or replace function delete_ended_sessions()
returns bigint language sql security definer set search_path = public, pg_temp as $$
  with old_sessions as (delete from sessions s where s.expires_at < now() returning 1),
    old_links as (delete from sign_in_links l where l.expires_at < now() - interval '1 day' returning 1)
  select (select count(*) from old_sessions) + (select count(*) from old_links)
$$;

-- For /metrics: numbers over all workspaces, no names.
create or replace function count_training_jobs()
returns table (status text, jobs bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select j.status, count(*) from training_jobs j group by j.status
$$;

-- Rows of batch jobs since `in_since`, the start of an hour, by deployment and version; `id` and `name` are
-- those of the deployment, or of the model where a job named its version. Deployments that were deleted are not told of.
create or replace function batch_row_totals(in_since timestamptz)
returns table (deployment text, id text, name text, version text, answered bigint, failed bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(d.id::text, ''), coalesce(d.id, m.id)::text, coalesce(d.name, m.name), v.number::text, sum(c.answered)::bigint, sum(c.failed)::bigint
  from batch_row_counts c
  join model_versions v on v.workspace_id = c.workspace_id and v.id = c.version_id
  join models m on m.workspace_id = v.workspace_id and m.id = v.model_id
  left join deployments d on d.workspace_id = c.workspace_id and d.id = c.deployment_id and d.deleted_at is null
  where c.seconds = 3600 and c.at >= in_since
    and (d.id is not null or c.deployment_id = '00000000-0000-0000-0000-000000000000')
  group by d.id, m.id, d.name, m.name, v.number order by d.id nulls first, m.id, v.number
$$;

-- A node's word that it is there, or that it ends. What gateways place by is told at once; load is read now and then.
drop function if exists announce_node(uuid, text, jsonb, text, bigint, int, text, jsonb, boolean);
create function announce_node(in_id uuid, in_url text, in_labels jsonb, in_device text, in_memory_bytes bigint,
  in_models_max int, in_version text, in_load jsonb, in_leaving boolean)
returns table (id uuid, draining boolean)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare before inference_nodes%rowtype;
begin
  select * into before from inference_nodes n where n.url = in_url for update;
  if in_leaving then
    update inference_nodes set seen_at = '-infinity' where url = in_url;
  else
    insert into inference_nodes (id, url, labels, device, memory_bytes, models_max, version, load, seen_at)
    values (in_id, in_url, in_labels, in_device, in_memory_bytes, in_models_max, in_version, in_load, now())
    on conflict (url) do update set labels = excluded.labels, device = excluded.device, memory_bytes = excluded.memory_bytes,
      models_max = excluded.models_max, version = excluded.version, load = excluded.load, seen_at = excluded.seen_at;
  end if;
  if in_leaving or before.id is null or before.seen_at < now() - interval '5 seconds' or before.labels <> in_labels
    or before.memory_bytes <> in_memory_bytes then
    perform pg_notify('modelyard_nodes', in_url);
  end if;
  return query select n.id, n.draining_since is not null from inference_nodes n where n.url = in_url;
end $$;

-- Milliseconds by the clock that wrote them, so that the clocks of processes may differ.
drop function if exists list_nodes();
create function list_nodes()
returns table (id uuid, url text, labels jsonb, device text, memory_bytes bigint, models_max int, version text, load jsonb,
  draining boolean, drained boolean, registered_at timestamptz, seen_at timestamptz, silent_ms float8)
language sql stable security definer set search_path = public, pg_temp as $$
  select n.id, n.url, n.labels, n.device, n.memory_bytes, n.models_max, n.version, n.load,
    n.draining_since is not null, n.seen_at > n.draining_since and (n.load ->> 'models')::int = 0, n.registered_at,
    nullif(n.seen_at, '-infinity'),
    case when n.seen_at = '-infinity' then 1e12 else extract(epoch from clock_timestamp() - n.seen_at)::float8 * 1000 end
  from inference_nodes n order by n.url
$$;

-- Answers whether there is such a node.
create or replace function set_node_draining(in_id uuid, in_draining boolean)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update inference_nodes set draining_since = case when in_draining then coalesce(draining_since, clock_timestamp()) end
    where id = in_id;
  if not found then return false; end if;
  perform pg_notify('modelyard_nodes', in_id::text);
  return true;
end $$;

create or replace function remove_node(in_id uuid)
returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  delete from inference_nodes where id = in_id;
  if not found then return false; end if;
  perform pg_notify('modelyard_nodes', in_id::text);
  return true;
end $$;

-- Whether a workspace is the installation's first one, whose administrators run its nodes.
create or replace function is_first_workspace(in_id uuid)
returns boolean language sql stable security definer set search_path = public, pg_temp as $$
  select in_id = (select w.id from workspaces w order by w.created_at, w.id limit 1)
$$;

-- What the gateway needs to route every live deployment of every workspace.
drop function if exists routing_table();
create function routing_table()
returns table (workspace_id uuid, deployment_id uuid, deployment_name text, environment text, model_id uuid, model_name text,
  deployment_updated_at timestamptz, replicas int, replica_share int, variant_id uuid, variant_name text, weight int, version_id uuid, version_number int,
  signature jsonb, signature_revision int, artifact_path text, artifact_sha256 text, artifact_size_bytes bigint, settings jsonb, role text, batching jsonb, remote jsonb, remote_secret bytea)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.workspace_id, d.id, d.name, d.environment, d.model_id, m.name, d.updated_at,
    coalesce(d.scaled_replicas, d.max_replicas), v.replica_share, v.id, v.name, v.weight,
    v.version_id, mv.number, mv.signature, mv.signature_revision, coalesce(a.path, ''), coalesce(a.sha256, ''), coalesce(a.size_bytes, 0), d.settings, v.role, v.batching,
    case when e.version_id is not null then jsonb_build_object('url', e.url, 'model', e.remote_model, 'version', e.remote_version,
      'binary', e.binary_tensors, 'outputs', e.output_names, 'credential', e.credential, 'headerName', e.header_name) end, e.secret
  from deployments d
  join models m on m.workspace_id = d.workspace_id and m.id = d.model_id
  join deployment_variants v on v.workspace_id = d.workspace_id and v.deployment_id = d.id and v.status = 'active'
  join model_versions mv on mv.workspace_id = v.workspace_id and mv.id = v.version_id
  left join model_version_artifacts a on a.workspace_id = mv.workspace_id and a.version_id = mv.id and a.kind = 'model'
  left join external_models e on e.workspace_id = mv.workspace_id and e.version_id = mv.id
  where d.deleted_at is null and (a.sha256 is not null or e.version_id is not null)
$$;

-- What a gateway measured of deployments that scale by themselves; `in_rows` is an array of
-- { workspaceId, deploymentId, seconds, concurrency, requests, ready }.
create or replace function note_deployment_loads(in_writer uuid, in_rows json)
returns void language sql security definer set search_path = public, pg_temp as $$
  with said as (
    select r."workspaceId" as workspace_id, r."deploymentId" as deployment_id, r.seconds, r.concurrency, r.requests, r.ready
    from json_to_recordset(in_rows) as r ("workspaceId" uuid, "deploymentId" uuid, seconds real, concurrency real, requests int, ready int)
    join deployments d on d.workspace_id = r."workspaceId" and d.id = r."deploymentId"
    where d.deleted_at is null and d.scaled_replicas is not null
  ), noted as (
    insert into deployment_loads (workspace_id, deployment_id, at, writer, seconds, concurrency, requests, ready)
    select workspace_id, deployment_id, clock_timestamp(), in_writer, seconds, concurrency, requests, ready from said
    on conflict do nothing
  )
  insert into deployment_scales (workspace_id, deployment_id, last_request_at)
  select workspace_id, deployment_id, clock_timestamp() from said where concurrency > 0 or requests > 0
  order by workspace_id, deployment_id
  on conflict (workspace_id, deployment_id) do update set last_request_at = excluded.last_request_at
$$;

-- Every live deployment with what deciding on its replicas needs. Loads are averages of each gateway over the stable window
-- and a tenth of it, added up; they are null where nothing was measured. Times are milliseconds ago by this clock.
drop function if exists scaling_state();
create function scaling_state()
returns table (workspace_id uuid, deployment_id uuid, name text, environment text, settings jsonb, min_replicas int, max_replicas int,
  scaled_replicas int, rolling_out boolean, surge int, versions json, idle_ms float8, panic_ms float8, panic_replicas int, ready int,
  stable_concurrency float8, panic_concurrency float8, stable_rps float8, panic_rps float8)
language sql volatile security definer set search_path = public, pg_temp as $$
  select d.workspace_id, d.id, d.name, d.environment, d.settings, d.min_replicas, d.max_replicas, d.scaled_replicas,
    exists (select from roll_outs r where r.workspace_id = d.workspace_id and r.deployment_id = d.id
      and r.state in ('pending', 'loading', 'progressing', 'paused', 'awaiting_promotion')),
    coalesce((select max((r.plan #>> '{replicas,maxSurge}')::int) from roll_outs r where r.workspace_id = d.workspace_id
      and r.deployment_id = d.id and r.strategy = 'rolling' and r.plan #>> '{replicas,maxSurge}' ~ '^[0-9]{1,3}$'
      and r.state in ('loading', 'progressing', 'paused', 'awaiting_promotion')), 0),
    v.versions, extract(epoch from n.now - greatest(s.last_request_at, d.updated_at))::float8 * 1000,
    extract(epoch from n.now - s.panic_at)::float8 * 1000, coalesce(s.panic_replicas, 0), l.ready,
    l.stable_concurrency, l.panic_concurrency, l.stable_rps, l.panic_rps
  from deployments d
  cross join lateral (select clock_timestamp() as now, case when d.settings #>> '{scaling,stableWindowSeconds}' ~ '^[0-9]{1,4}$'
    then (d.settings #>> '{scaling,stableWindowSeconds}')::int else 60 end as stable_seconds) n
  cross join lateral (
    select json_agg(json_build_object('versionId', x.version_id, 'variant', x.name, 'role', x.role, 'weight', x.weight,
      'path', (select min(a.path) from model_version_artifacts a where a.workspace_id = x.workspace_id and a.version_id = x.version_id
        and a.kind = 'model')) order by x.id) as versions
    from deployment_variants x
    where x.workspace_id = d.workspace_id and x.deployment_id = d.id and x.status in ('active', 'loading')) v
  left join deployment_scales s on s.workspace_id = d.workspace_id and s.deployment_id = d.id
  left join lateral (
    select max(w.ready) as ready, sum(w.stable_load / nullif(w.stable_seconds, 0))::float8 as stable_concurrency,
      sum(w.panic_load / nullif(w.panic_seconds, 0))::float8 as panic_concurrency,
      sum(w.stable_requests / nullif(w.stable_seconds, 0))::float8 as stable_rps,
      sum(w.panic_requests / nullif(w.panic_seconds, 0))::float8 as panic_rps
    from (
      select (array_agg(m.ready order by m.at desc) filter (where m.is_new))[1] as ready,
        sum(m.concurrency * m.seconds) as stable_load, sum(m.seconds) as stable_seconds, sum(m.requests) as stable_requests,
        sum(m.concurrency * m.seconds) filter (where m.is_new) as panic_load, sum(m.seconds) filter (where m.is_new) as panic_seconds,
        sum(m.requests) filter (where m.is_new) as panic_requests
      from (select o.*, o.at > n.now - make_interval(secs => greatest(n.stable_seconds / 10.0, 6)) as is_new
        from deployment_loads o where o.workspace_id = d.workspace_id and o.deployment_id = d.id
          and o.at > n.now - make_interval(secs => n.stable_seconds)) m
      group by m.writer) w) l on d.scaled_replicas is not null
  where d.deleted_at is null and v.versions is not null
$$;

-- What was decided from; `in_rows` is an array of { workspaceId, deploymentId, panicMs, panicReplicas, wanted, ready, concurrency,
-- requestsPerSecond }, panicMs null out of panic, else milliseconds ago. Forgets what is too old to matter.
create or replace function note_scaling(in_rows json)
returns void language sql security definer set search_path = public, pg_temp as $$
  with said as (
    select r.* from json_to_recordset(in_rows) as r ("workspaceId" uuid, "deploymentId" uuid, "panicMs" float8, "panicReplicas" int,
      wanted int, ready int, concurrency real, "requestsPerSecond" real)
    join deployments d on d.workspace_id = r."workspaceId" and d.id = r."deploymentId" and d.scaled_replicas is not null
  ), points as (
    insert into deployment_scale_points as p (workspace_id, deployment_id, at, wanted, ready, concurrency, requests_per_second)
    select "workspaceId", "deploymentId", date_bin('10 seconds', clock_timestamp(), 'epoch'), wanted, ready, concurrency, "requestsPerSecond"
    from said
    on conflict (workspace_id, deployment_id, at) do update set wanted = excluded.wanted, ready = excluded.ready,
      concurrency = greatest(p.concurrency, excluded.concurrency),
      requests_per_second = greatest(p.requests_per_second, excluded.requests_per_second)
  ), old_loads as (
    delete from deployment_loads l using said where l.workspace_id = said."workspaceId" and l.deployment_id = said."deploymentId"
      and l.at < clock_timestamp() - interval '15 minutes'
  ), old_points as (
    delete from deployment_scale_points p using said where p.workspace_id = said."workspaceId" and p.deployment_id = said."deploymentId"
      and p.at < clock_timestamp() - interval '1 day'
  )
  insert into deployment_scales as s (workspace_id, deployment_id, panic_at, panic_replicas)
  select "workspaceId", "deploymentId", clock_timestamp() - make_interval(secs => "panicMs" / 1000), "panicReplicas" from said
  order by 1, 2
  on conflict (workspace_id, deployment_id) do update set panic_at = excluded.panic_at, panic_replicas = excluded.panic_replicas
  where (s.panic_at is null) <> (excluded.panic_at is null) or s.panic_replicas <> excluded.panic_replicas
    or abs(extract(epoch from s.panic_at - excluded.panic_at)) > 0.5
$$;

-- People a subject names: by id, e-mail or the number a sign-in provider gave. For commands over the whole installation.
create or replace function find_accounts(in_subject text)
returns table (id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select u.id from users u where u.id::text = lower(in_subject) or lower(u.email) = lower(in_subject)
  union select i.user_id from user_identities i where i.subject = in_subject
$$;

-- What is kept about a person outside of workspaces; hashes of tokens stay behind.
create or replace function export_account(in_user_id uuid)
returns table (table_name text, record jsonb)
language sql stable security definer set search_path = public, pg_temp as $$
  select 'users', to_jsonb(u) from users u where u.id = in_user_id
  union all select 'user_identities', to_jsonb(i) from user_identities i where i.user_id = in_user_id
  union all select 'sessions', to_jsonb(s) - 'token_hash' from sessions s where s.user_id = in_user_id
  union all select 'sign_in_links', to_jsonb(l) - 'token_hash' from sign_in_links l where l.user_id = in_user_id
$$;

-- Ends an account that belongs to no workspace any more, and answers what went; else nothing goes.
create or replace function erase_account(in_user_id uuid)
returns table (table_name text, deleted bigint)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (select from members m where m.user_id = in_user_id) then return; end if;
  return query with gone as (delete from sessions s where s.user_id = in_user_id returning 1) select 'sessions', count(*) from gone;
  return query with gone as (delete from sign_in_links l where l.user_id = in_user_id returning 1) select 'sign_in_links', count(*) from gone;
  return query with gone as (delete from user_identities i where i.user_id = in_user_id returning 1) select 'user_identities', count(*) from gone;
  return query with gone as (delete from users u where u.id = in_user_id returning 1) select 'users', count(*) from gone;
end $$;

-- Partitions of the prediction log, one a day of UTC, both days included. Answers how many were made.
create or replace function make_prediction_days(in_from date, in_to date)
returns int language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
declare
  today date := (now() at time zone 'utc')::date;
  part text;
  made int := 0;
begin
  if in_from < today - 3660 or in_to > today + 60 then raise exception 'days out of range' using errcode = '22008'; end if;
  perform pg_advisory_xact_lock(7264003);
  for d in 0 .. in_to - in_from loop
    part := 'day_' || to_char(in_from + d, 'YYYYMMDD');
    continue when to_regclass('prediction_days.' || part) is not null;
    -- Attaching lets others go on reading and writing; CREATE … PARTITION OF would not.
    execute format('create table prediction_days.%I (like public.prediction_logs including defaults)', part);
    execute format('alter table public.prediction_logs attach partition prediction_days.%I for values from (%L) to (%L)',
      part, (in_from + d)::text || ' 00:00:00+00', (in_from + d + 1)::text || ' 00:00:00+00');
    made := made + 1;
  end loop;
  return made;
end $$;

-- Drops days of the prediction log before a day of UTC that hold no row any more. Answers how many went.
create or replace function drop_prediction_days(in_before date)
returns int language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '2s' as $$
declare
  part text;
  kept boolean;
  gone int := 0;
begin
  if in_before > (now() at time zone 'utc')::date - 1 then raise exception 'days out of range' using errcode = '22008'; end if;
  perform pg_advisory_xact_lock(7264003);
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'public.prediction_logs'::regclass and c.relnamespace = 'prediction_days'::regnamespace
      and c.relname ~ '^day_[0-9]{8}$' and to_date(substr(c.relname, 5), 'YYYYMMDD') < in_before
    order by 1
  loop
    execute format('select exists (select from prediction_days.%I)', part) into kept;
    continue when kept;
    -- Nobody can write between this look and the end of the transaction.
    execute format('lock table prediction_days.%I in access exclusive mode', part);
    execute format('select exists (select from prediction_days.%I)', part) into kept;
    continue when kept;
    execute format('drop table prediction_days.%I', part);
    gone := gone + 1;
  end loop;
  return gone;
end $$;

do $$
declare f record;
begin
  -- An owner needs CREATE on the schema while it takes a function over.
  execute format('grant modelyard_lookup to %I', current_user);
  grant create on schema public to modelyard_lookup;
  for f in
    select p.oid::regprocedure as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'public' and p.prosecdef
  loop
    execute format('alter function %s owner to modelyard_lookup', f.name);
    execute format('revoke all on function %s from public', f.name);
    execute format('grant execute on function %s to modelyard_app', f.name);
  end loop;
  revoke create on schema public from modelyard_lookup;
end $$;

-- The first rows find their day; upkeep makes the further ones.
select make_prediction_days((now() at time zone 'utc')::date - 1, (now() at time zone 'utc')::date + 3);
