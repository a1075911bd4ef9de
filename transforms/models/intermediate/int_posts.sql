{#- A table: everything reads it, and its local times cost more than they take to store. -#}
{{ config(materialized=grown(), incremental_strategy='delete+insert', unique_key=post_key()) }}

with account_names as (
    -- an account that changed its name shows under the newest one
    select versions.workspace_id, versions.platform, versions.account_id, versions.owner, versions.account_name
    from {{ ref('int_post_versions') }} as versions
    inner join (
        select workspace_id, platform, account_id, owner, max(observed_at) as observed_at
        from {{ ref('int_post_versions') }}
        group by workspace_id, platform, account_id, owner
    ) as instants
        on
            versions.workspace_id = instants.workspace_id
            and versions.platform = instants.platform
            and versions.account_id = instants.account_id
            and versions.owner = instants.owner
            and versions.observed_at = instants.observed_at
    qualify
        row_number() over (
            partition by versions.workspace_id, versions.platform, versions.account_id, versions.owner
            order by versions.batch_id desc, versions.source_line desc, versions.post_id desc
        ) = 1
),

primary_topics as (
    select workspace_id, platform, account_id, post_id, min(topic) as topic
    from {{ ref('stg_content_topic') }}
    where is_primary
    group by workspace_id, platform, account_id, post_id
),

surrounded as (
    -- what a post has from elsewhere: the name of its account, the zone of its workspace, its topic
    select
        versions.workspace_id,
        versions.platform,
        versions.account_id,
        account_names.account_name,
        versions.post_id,
        versions.owner,
        workspaces.zone,
        primary_topics.topic
    from {{ ref('int_post_versions') }} as versions
    inner join account_names
        on
            versions.workspace_id = account_names.workspace_id
            and versions.platform = account_names.platform
            and versions.account_id = account_names.account_id
            and versions.owner = account_names.owner
    left join {{ ref('stg_workspace') }} as workspaces
        on versions.workspace_id = workspaces.workspace_id
    left join primary_topics
        on
            versions.workspace_id = primary_topics.workspace_id
            and versions.platform = primary_topics.platform
            and versions.account_id = primary_topics.account_id
            and versions.post_id = primary_topics.post_id
    {%- if grows() %}
    left join {{ this }} as held
        on
            versions.workspace_id = held.workspace_id
            and versions.platform = held.platform
            and versions.account_id = held.account_id
            and versions.post_id = held.post_id
    left join (
        select distinct workspace_id, platform, account_id, entity_id as post_id
        from {{ ref('int_contents_pending') }}
        where entity_type = 'post'
    ) as arrived
        on
            versions.workspace_id = arrived.workspace_id
            and versions.platform = arrived.platform
            and versions.account_id = arrived.account_id
            and versions.post_id = arrived.post_id
    where
        held.post_id is null
        or arrived.post_id is not null
        or held.owner is distinct from versions.owner
        or held.account_name is distinct from account_names.account_name
        or held.zone is distinct from workspaces.zone
        or held.topic is distinct from primary_topics.topic
    {%- endif %}
),

newest as (
    select
        surrounded.workspace_id,
        surrounded.platform,
        surrounded.account_id,
        surrounded.account_name,
        surrounded.post_id,
        surrounded.owner,
        versions.content_type,
        versions.title,
        versions.body,
        versions.url,
        versions.published_at,
        {{ local_time('versions.published_at', 'surrounded.zone') }} as published_local,
        surrounded.zone,
        surrounded.topic,
        versions.observed_at
    from {{ ref('int_post_versions') }} as versions
    inner join surrounded
        on
            versions.workspace_id = surrounded.workspace_id
            and versions.platform = surrounded.platform
            and versions.account_id = surrounded.account_id
            and versions.post_id = surrounded.post_id
)

select
    workspace_id,
    platform,
    account_id,
    account_name,
    post_id,
    owner,
    content_type,
    title,
    body,
    url,
    published_at,
    published_local,
    cast(published_local as date) as published_date,
    cast(date_trunc('month', published_local) as date) as published_month,
    {{ iso_weekday('published_local') }} as local_weekday,
    cast(extract(hour from published_local) as integer) as local_hour,
    zone,
    topic,
    observed_at
from newest
