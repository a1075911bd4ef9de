with posts as (
    select * from {{ ref('int_post_performance') }}
),

spans as (
    select workspace_id, platform, min(first_week) as first_week, max(last_week) as last_week
    from {{ ref('int_account_spans') }}
    group by workspace_id, platform
),

{{ weekly_performance(['workspace_id', 'platform'], ['workspace_id', 'platform']) }},

numbers as (
    select
        workspace_id,
        platform,
        week,
        {{- additive_account_sums(account_sums()) }}
    from {{ ref('int_account_days') }}
    where state = 'observed'
    group by workspace_id, platform, week
)

select
    weekly.workspace_id,
    weekly.platform,
    {%- for column in weekly_columns() %}
    weekly.{{ column }},
    {%- endfor %}
    {%- for name in account_sums() %}
    numbers.{{ name }},
    -- a count of readings, not a metric
    case when numbers.days_with_{{ name }} is null then 0 else numbers.days_with_{{ name }} end as days_with_{{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from weekly
left join numbers
    on
        weekly.workspace_id = numbers.workspace_id
        and weekly.platform = numbers.platform
        and weekly.week = numbers.week
