-- depends_on: {{ ref('int_post_falls') }}
{#- The last of what is recomputed of a post: a post is taken in when its row here says what is known of its publishing. -#}
{{ config(materialized=grown(), incremental_strategy='touched') }}

with posts as (
    select
        posts.workspace_id, posts.owner, posts.platform, posts.account_id, posts.post_id, posts.published_at,
        posts.published_date
    from {{ ref('int_posts') }} as posts
    {%- if grows() %}
    {{ of_touched('posts') }}
    {%- endif %}
),

measures as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- pivot_one('measure', 'value', wide_metrics()) }}
    from {{ ref('int_post_measures') }} as measures
    {%- if grows() %}
    {{ of_touched('measures') }}
    {%- endif %}
    where measure in ('{{ wide_metrics() | join("', '") }}')
    group by workspace_id, platform, account_id, post_id
),

rates as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        {{- pivot_one('rate', 'value', wide_rates()) }}
    from {{ ref('int_post_rates') }} as rates
    {%- if grows() %}
    {{ of_touched('rates') }}
    {%- endif %}
    where rate in ('{{ wide_rates() | join("', '") }}')
    group by workspace_id, platform, account_id, post_id
),

seen as (
    select workspace_id, platform, account_id, post_id, max(observed_at) as observed_at
    from {{ ref('int_post_metrics') }} as metrics
    {%- if grows() %}
    {{ of_touched('metrics') }}
    {%- endif %}
    group by workspace_id, platform, account_id, post_id
),

at_28_days as (
    select workspace_id, platform, account_id, post_id, value, basis
    from {{ ref('int_post_metrics_at_age') }} as at_age
    {%- if grows() %}
    {{ of_touched('at_age') }}
    {%- endif %}
    where metric = 'engagements_public' and age_hours = {{ equal_ages() | last }}
)

select
    posts.workspace_id,
    posts.owner,
    posts.platform,
    posts.account_id,
    posts.post_id,
    posts.published_at,
    posts.published_date,
    seen.observed_at as metrics_observed_at,
    {%- for metric in wide_metrics() %}
    measures.{{ metric }},
    {%- endfor %}
    {%- for rate in wide_rates() %}
    rates.{{ rate }},
    {%- endfor %}
    at_28_days.value as engagements_public_28d,
    at_28_days.basis as basis_28d
from posts
{%- for part in ['measures', 'rates', 'seen', 'at_28_days'] %}
left join {{ part }}
    on
        posts.workspace_id = {{ part }}.workspace_id
        and posts.platform = {{ part }}.platform
        and posts.account_id = {{ part }}.account_id
        and posts.post_id = {{ part }}.post_id
{%- endfor %}
