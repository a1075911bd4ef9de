with accounts as (
    select workspace_id, platform, account_id, first_day, last_day
    from {{ ref('int_account_spans') }}
),

spans as (
    select workspace_id, platform, count(*) as accounts, min(first_day) as first_day, max(last_day) as last_day
    from accounts
    group by workspace_id, platform
),

days as (
    select
        workspace_id,
        platform,
        accounts,
        {{ each_day('first_day', 'last_day') }} as day
    from spans
),

worked as (
    select
        workspace_id,
        platform,
        day,
        {{ performance_of_posts() }}
    from {{ ref('int_post_performance') }}
    group by workspace_id, platform, day
),

numbers as (
    select
        workspace_id,
        platform,
        day,
        {{- additive_account_sums(account_sums()) }}
    from {{ ref('int_account_days') }}
    where state = 'observed'
    group by workspace_id, platform, day
),

joined as (
    select
        days.workspace_id,
        days.platform,
        days.day,
        days.accounts,
        {{ shown_of('worked') }},
        {%- for name in account_sums() %}
        numbers.{{ name }},
        numbers.days_with_{{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from days
    left join worked
        on
            days.workspace_id = worked.workspace_id
            and days.platform = worked.platform
            and days.day = worked.day
    left join numbers
        on
            days.workspace_id = numbers.workspace_id
            and days.platform = numbers.platform
            and days.day = numbers.day
)

select
    workspace_id,
    platform,
    day,
    accounts,
    {{ performance_shown() }},
    {%- for name in account_sums() %}
    {{ name }},
    -- a count of readings, not a metric
    case when days_with_{{ name }} is null then 0 else days_with_{{ name }} end as accounts_with_{{ name }}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
from joined
