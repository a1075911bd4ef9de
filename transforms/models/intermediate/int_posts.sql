{#- A table: everything reads it, and its local times cost more than they take to store. -#}
{{ config(materialized='table') }}

with account_names as (
    -- an account that changed its name shows under the newest one
    select workspace_id, platform, account_id, owner, account_name
    from {{ ref('int_post_versions') }}
    qualify
        row_number() over (
            partition by workspace_id, platform, account_id, owner
            order by observed_at desc, batch_id desc, source_line desc, post_id desc
        ) = 1
),

newest as (
    select
        versions.workspace_id,
        versions.platform,
        versions.account_id,
        account_names.account_name,
        versions.post_id,
        versions.owner,
        versions.content_type,
        versions.title,
        versions.body,
        versions.url,
        versions.published_at,
        versions.observed_at,
        {{ local_time('versions.published_at', 'workspaces.zone') }} as published_local
    from {{ ref('int_post_versions') }} as versions
    inner join account_names
        on
            versions.workspace_id = account_names.workspace_id
            and versions.platform = account_names.platform
            and versions.account_id = account_names.account_id
            and versions.owner = account_names.owner
    left join {{ ref('stg_workspace') }} as workspaces
        on versions.workspace_id = workspaces.workspace_id
),

primary_topics as (
    select workspace_id, platform, account_id, post_id, min(topic) as topic
    from {{ ref('stg_content_topic') }}
    where is_primary
    group by workspace_id, platform, account_id, post_id
)

select
    newest.workspace_id,
    newest.platform,
    newest.account_id,
    newest.account_name,
    newest.post_id,
    newest.owner,
    newest.content_type,
    newest.title,
    newest.body,
    newest.url,
    newest.published_at,
    newest.published_local,
    cast(newest.published_local as date) as published_date,
    cast(date_trunc('month', newest.published_local) as date) as published_month,
    {{ iso_weekday('newest.published_local') }} as local_weekday,
    cast(extract(hour from newest.published_local) as integer) as local_hour,
    primary_topics.topic,
    newest.observed_at
from newest
left join primary_topics
    on
        newest.workspace_id = primary_topics.workspace_id
        and newest.platform = primary_topics.platform
        and newest.account_id = primary_topics.account_id
        and newest.post_id = primary_topics.post_id
