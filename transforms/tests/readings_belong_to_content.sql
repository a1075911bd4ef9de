{{ config(meta={'dagster': {'ref': {'name': 'int_post_versions'}}}) }}

-- A reading of a post that was never described would vanish from the marts.
select distinct readings.workspace_id, readings.platform, readings.account_id, readings.entity_id
from {{ ref('stg_metric_observation') }} as readings
{{ of_pending('readings') }}
left join {{ ref('int_post_versions') }} as posts
    on
        readings.workspace_id = posts.workspace_id
        and readings.platform = posts.platform
        and readings.account_id = posts.account_id
        and readings.entity_id = posts.post_id
where readings.entity_type = 'post' and posts.post_id is null
