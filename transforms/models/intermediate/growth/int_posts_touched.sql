-- depends_on: {{ ref('int_readings_pending') }}
-- depends_on: {{ ref('int_posts') }}
-- depends_on: {{ ref('metrics') }}
{{ config(materialized=grown(), incremental_strategy='anew') }}
{%- set brackets = earlier('int_post_reading_brackets') %}
{%- set wide = earlier('int_post_wide') %}
{%- set taken = earlier('int_batches_taken') %}

with
{%- if brackets and wide and taken %}
shown as (
    select workspace_id, platform, account_id, post_id, owner, published_at, published_date
    from {{ wide }}
),

moved as (
    -- a post that is new, was published at another time than the one known before (another day, where the workspace's zone
    -- changed), or belongs to someone else; a description that says none of it changes no number
    select posts.workspace_id, posts.platform, posts.account_id, posts.post_id
    from {{ ref('int_posts') }} as posts
    left join shown
        on
            posts.workspace_id = shown.workspace_id
            and posts.platform = shown.platform
            and posts.account_id = shown.account_id
            and posts.post_id = shown.post_id
    where
        shown.post_id is null
        or posts.owner <> shown.owner
        or posts.published_at is distinct from shown.published_at
        or posts.published_date is distinct from shown.published_date
),

read_anew as (
    select readings.workspace_id, readings.platform, readings.account_id, min(readings.period_end) as since
    from {{ ref('int_readings_pending') }} as readings
    inner join {{ ref('metrics') }} as metrics
        on readings.metric = metrics.metric and metrics.entity = 'account' and metrics.time_basis = 'point'
    where readings.entity_type = 'account' and readings.state = 'observed'
    group by readings.workspace_id, readings.platform, readings.account_id
),

measured_anew as (
    -- a reading of the account came in: perhaps another number of followers when a later post was published
    select posts.workspace_id, posts.platform, posts.account_id, posts.post_id
    from {{ ref('int_posts') }} as posts
    inner join read_anew
        on
            posts.workspace_id = read_anew.workspace_id
            and posts.platform = read_anew.platform
            and posts.account_id = read_anew.account_id
            and posts.published_at >= read_anew.since
),

keys as (
    select readings.workspace_id, readings.platform, readings.account_id, readings.entity_id as post_id, false as is_placed_anew
    from {{ ref('int_readings_pending') }} as readings
    where readings.entity_type = 'post'
    union
    select workspace_id, platform, account_id, post_id, true as is_placed_anew from moved
    union
    select workspace_id, platform, account_id, post_id, true as is_placed_anew from measured_anew
)

select workspace_id, platform, account_id, post_id, bool_or(is_placed_anew) as is_placed_anew
from keys
group by workspace_id, platform, account_id, post_id
{%- else %}
every_post as (
    select workspace_id, platform, account_id, post_id, true as is_placed_anew
    from {{ ref('int_post_versions') }}
)

select workspace_id, platform, account_id, post_id, is_placed_anew
from every_post
{%- endif %}
