{{ config(materialized=grown(), incremental_strategy='ages') }}

with ages as (
    {% if grows() %}select * from {{ ref('int_ages_touched') }}{% else %}{{ ages() }}{% endif %}
),

spread as (
    -- the readings next to each age: the last of the brackets up to it, the first of those behind it
    select
        brackets.workspace_id,
        brackets.platform,
        brackets.account_id,
        brackets.post_id,
        brackets.metric
        {%- for age in equal_ages() %},
        max(brackets.last_observed_at) filter (where brackets.bracket <= {{ loop.index0 }}) as before_at_{{ age }},
        max_by(brackets.last_value, brackets.bracket)
            filter (where brackets.bracket <= {{ loop.index0 }}) as before_value_{{ age }},
        min(brackets.first_observed_at) filter (where brackets.bracket > {{ loop.index0 }}) as after_at_{{ age }},
        min_by(brackets.first_value, brackets.bracket)
            filter (where brackets.bracket > {{ loop.index0 }}) as after_value_{{ age }}
        {%- endfor %}
    from {{ brackets() }} as brackets
    inner join {{ ref('metrics') }} as metrics
        on brackets.metric = metrics.metric and metrics.kind = 'counter' and metrics.time_basis = 'lifetime'
    {%- if grows() %}
    semi join ages
        on
            brackets.workspace_id = ages.workspace_id
            and brackets.platform = ages.platform
            and brackets.account_id = ages.account_id
            and brackets.post_id = ages.post_id
    {%- endif %}
    where brackets.bracket >= 0
    group by
        brackets.workspace_id, brackets.platform, brackets.account_id, brackets.post_id, brackets.metric
),

around as (
    select
        spread.workspace_id,
        spread.platform,
        spread.account_id,
        spread.post_id,
        spread.metric,
        posts.owner,
        posts.published_at,
        ages.age_hours as age,
        {%- for column in ['before_at', 'before_value', 'after_at', 'after_value'] %}
        case ages.age_hours
            {%- for age in equal_ages() %}
            when {{ age }} then spread.{{ column }}_{{ age }}
            {%- endfor %}
        end as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from spread
    inner join {{ ref('int_post_versions') }} as posts
        on
            spread.workspace_id = posts.workspace_id
            and spread.platform = posts.platform
            and spread.account_id = posts.account_id
            and spread.post_id = posts.post_id
    {%- if grows() %}
    inner join ages
        on
            spread.workspace_id = ages.workspace_id
            and spread.platform = ages.platform
            and spread.account_id = ages.account_id
            and spread.post_id = ages.post_id
    {%- else %}
    cross join ages
    {%- endif %}
),

timed as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric,
        owner,
        age,
        {{ hours_between('published_at', 'before_at') }} as before_hours,
        before_value,
        {{ hours_between('published_at', 'after_at') }} as after_hours,
        after_value
    from around
),

judged as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric,
        owner,
        age,
        before_hours,
        before_value,
        after_hours,
        after_value,
        case
            -- the nearest reading within 5 %; the earlier one when both are as near
            when
                age - before_hours <= 0.05 * age
                and (after_hours is null or age - before_hours <= after_hours - age)
                then 'exact before'
            when after_hours - age <= 0.05 * age then 'exact after'
            when before_hours is not null and after_hours is not null then 'interpolated'
            when after_hours is not null and age = {{ equal_ages() | last }} then 'extrapolated'
        end as found
    from timed
),

valued as (
    select
        workspace_id,
        platform,
        account_id,
        post_id,
        metric,
        owner,
        age,
        case when found in ('exact before', 'exact after') then 'exact' else found end as basis,
        case found
            when 'exact before' then before_value
            when 'exact after' then after_value
            -- straight line in log(age) and log(1 + value)
            when 'interpolated'
                then
                    round(
                        exp(
                            ln(1 + before_value)
                            + (ln(age) - ln(before_hours)) / (ln(after_hours) - ln(before_hours))
                            * (ln(1 + after_value) - ln(1 + before_value))
                        ) - 1,
                        6
                    )
            -- the counter can only have been lower at 28 days: an upper bound
            when 'extrapolated' then after_value
        end as value,
        case when found <> 'exact after' then before_hours end as reading_before_hours,
        case when found <> 'exact before' then after_hours end as reading_after_hours
    from judged
    where found is not null
),

composites as (
    -- the weakest basis of the components is the basis of the sum
    select
        valued.workspace_id,
        valued.platform,
        valued.account_id,
        valued.post_id,
        components.composite as metric,
        max(valued.owner) as owner,
        valued.age,
        case
            when count(case when valued.basis = 'extrapolated' then 1 end) > 0 then 'extrapolated'
            when count(case when valued.basis = 'interpolated' then 1 end) > 0 then 'interpolated'
            else 'exact'
        end as basis,
        {{ exact_sum('components.sign * valued.value') }} as value,
        min(valued.reading_before_hours) as reading_before_hours,
        max(valued.reading_after_hours) as reading_after_hours
    from valued
    inner join {{ ref('int_composite_components') }} as components
        on valued.platform = components.platform and valued.metric = components.component
    group by
        valued.workspace_id, valued.platform, valued.account_id, valued.post_id, components.composite, valued.age
    having count(*) = max(components.components)
),

found as (
    select * from valued
    union all
    select
        workspace_id, platform, account_id, post_id, metric, owner, age, basis, value,
        reading_before_hours, reading_after_hours
    from composites
)

select
    workspace_id,
    owner,
    platform,
    account_id,
    post_id,
    metric,
    age as age_hours,
    value,
    basis,
    reading_before_hours,
    reading_after_hours
from found
