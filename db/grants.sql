-- Roles, forced row-level security and grants. Applied after every migration run; repeating it changes nothing.
-- modelyard_app: what the processes may do. modelyard_lookup: owner of the functions in lookups.sql. Neither can log in or bypass policies.
do $$
begin
  begin create role modelyard_app nologin; exception when duplicate_object or unique_violation then null; end;
  begin create role modelyard_lookup nologin; exception when duplicate_object or unique_violation then null; end;
end $$;

-- The log of predictions has a partition a day, made and dropped by functions of modelyard_lookup, which must own it for that.
do $$
begin
  execute format('grant modelyard_lookup to %I', current_user);
  create schema if not exists prediction_days authorization modelyard_lookup;
  if (select relowner from pg_class where oid = 'prediction_logs'::regclass) <> 'modelyard_lookup'::regrole then
    grant create on schema public to modelyard_lookup;
    alter table prediction_logs owner to modelyard_lookup;
    revoke create on schema public from modelyard_lookup;
  end if;
end $$;

-- PostgreSQL lets a table's owner pass by its policies unless they are forced.
do $$
declare t record;
begin
  for t in
    select c.oid::regclass as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relrowsecurity and not c.relforcerowsecurity
  loop
    execute format('alter table %s force row level security', t.name);
  end loop;
end $$;

grant usage on schema public to modelyard_app, modelyard_lookup;
grant select, insert, update, delete on all tables in schema public to modelyard_app;

-- A partition is reached through its parent only, which has the policy.
do $$
declare t record;
begin
  for t in
    select c.oid::regclass as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relispartition
  loop
    execute format('revoke all on %s from modelyard_app', t.name);
  end loop;
end $$;

-- Points have no foreign key and go with their run all the same.
create or replace function delete_run_points() returns trigger language plpgsql set search_path = public, pg_temp as $$
begin
  delete from run_metrics where workspace_id = old.workspace_id and run_id = old.id;
  return null;
end $$;
create or replace trigger delete_run_points after delete on runs
  for each row execute function delete_run_points();

-- Rows that are written again and again keep room for their next version on the same page.
alter table run_latest_metrics set (fillfactor = 60);
-- Doubles do not shrink.
alter table run_metric_rollups alter column data set storage external;

-- Written once, never changed.
revoke update, delete on audit_log from modelyard_app;
-- May be erased, never rewritten.
revoke update on audit_personal from modelyard_app;
-- Reached only through lookups.sql.
revoke all on sessions, sign_in_links, user_identities, inference_nodes from modelyard_app;
revoke insert, update, delete on users, workspaces from modelyard_app;
grant update (name, archived_at) on workspaces to modelyard_app;

do $$
begin
  if exists (select from pg_namespace where nspname = 'inngest') then
    grant usage on schema inngest to modelyard_app;
    grant select, insert, update, delete on all tables in schema inngest to modelyard_app;
    grant usage, select on all sequences in schema inngest to modelyard_app;
  end if;
end $$;

-- People are visible to the workspaces they belong to.
alter table users enable row level security;
alter table users force row level security;
drop policy if exists member on users;
create policy member on users for select to modelyard_app
  using (exists (select from members m where m.user_id = users.id));

-- What the lookup functions may read and write across workspaces.
do $$
declare t text;
begin
  foreach t in array array['workspaces', 'users', 'members', 'api_keys', 'invitations', 'outbox',
    'training_jobs', 'deployments', 'deployment_variants', 'models', 'model_versions', 'model_version_artifacts', 'runs',
    'custom_roles', 'oidc_providers', 'external_models', 'roll_outs', 'deployment_loads', 'deployment_scales',
    'deployment_scale_points', 'batch_row_counts']
  loop
    execute format('drop policy if exists lookup on %I', t);
    execute format('create policy lookup on %I for all to modelyard_lookup using (true) with check (true)', t);
  end loop;
end $$;
grant select on workspaces, users, members, api_keys, invitations, outbox, training_jobs, deployments,
  deployment_variants, models, model_versions, model_version_artifacts, runs, user_identities, sessions, sign_in_links,
  custom_roles, oidc_providers, external_models, roll_outs, batch_row_counts to modelyard_lookup;
grant select, insert, update, delete on deployment_loads, deployment_scales, deployment_scale_points to modelyard_lookup;
grant insert, update, delete on sessions, sign_in_links to modelyard_lookup;
grant select, insert, update, delete on inference_nodes to modelyard_lookup;
grant delete on users, user_identities to modelyard_lookup;
grant insert on users, members, user_identities, workspaces to modelyard_lookup;
grant update (accepted_at) on invitations to modelyard_lookup;
grant update (sent_at) on outbox to modelyard_lookup;
