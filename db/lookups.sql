-- The only reads and writes that happen before a workspace is known. Each is SECURITY DEFINER, owned by
-- modelyard_lookup, with a fixed search_path. Applied after every migration run, after grants.sql.

create or replace function lookup_api_key(in_public_id text)
returns table (workspace_id uuid, workspace_slug text, id uuid, secret_hash bytea, name text, role text, run_id uuid,
  expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz)
language sql stable security definer set search_path = public, pg_temp as $$
  select k.workspace_id, w.slug, k.id, k.secret_hash, k.name, k.role, k.run_id, k.expires_at, k.revoked_at, k.last_used_at
  from api_keys k join workspaces w on w.id = k.workspace_id
  where k.public_id = in_public_id and w.archived_at is null
$$;

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
returns void language sql security definer set search_path = public, pg_temp as $$
  delete from sessions where token_hash = in_token_hash
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

-- What the gateway needs to route every live deployment of every workspace.
drop function if exists routing_table();
create function routing_table()
returns table (workspace_id uuid, deployment_id uuid, deployment_name text, environment text, model_id uuid, model_name text,
  deployment_updated_at timestamptz, max_replicas int, variant_id uuid, variant_name text, weight int, version_id uuid, version_number int,
  signature jsonb, artifact_sha256 text, artifact_size_bytes bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.workspace_id, d.id, d.name, d.environment, d.model_id, m.name, d.updated_at, d.max_replicas, v.id, v.name, v.weight,
    v.version_id, mv.number, mv.signature, a.sha256, a.size_bytes
  from deployments d
  join models m on m.workspace_id = d.workspace_id and m.id = d.model_id
  join deployment_variants v on v.workspace_id = d.workspace_id and v.deployment_id = d.id and v.status = 'active'
  join model_versions mv on mv.workspace_id = v.workspace_id and mv.id = v.version_id
  join model_version_artifacts a on a.workspace_id = mv.workspace_id and a.version_id = mv.id and a.kind = 'model'
  where d.deleted_at is null
$$;

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
