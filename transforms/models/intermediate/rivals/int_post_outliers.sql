{%- set least_others = 10 %}

with valued as (
    select
        posts.workspace_id,
        posts.owner,
        posts.platform,
        posts.account_id,
        posts.post_id,
        posts.published_week,
        at_age.age_hours,
        at_age.value,
        at_age.basis
    from {{ ref('int_post_metrics_at_age') }} as at_age
    inner join {{ ref('int_public_posts') }} as posts
        on
            at_age.workspace_id = posts.workspace_id
            and at_age.platform = posts.platform
            and at_age.account_id = posts.account_id
            and at_age.post_id = posts.post_id
    where at_age.metric = 'engagements_public' and posts.has_side
),

spans as (
    -- the sets a post can stand in: its own week, or the weeks up to one that begins 0 to 3 weeks later
    select 1 as weeks, 0 as later
    {%- for later in range(4) %}
    union all
    select 4 as weeks, {{ later }} as later
    {%- endfor %}
),

members as (
    select
        valued.workspace_id,
        valued.owner,
        valued.platform,
        valued.account_id,
        valued.post_id,
        valued.age_hours,
        valued.value,
        valued.basis,
        spans.weeks,
        spans.later,
        cast(valued.published_week + spans.later * interval '7' day as date) as week,
        -- measured from the smallest of its set, squares stay small enough to be added without loss
        valued.value - min(valued.value) over (
            partition by
                valued.workspace_id, valued.platform, valued.account_id, valued.age_hours, spans.weeks,
                cast(valued.published_week + spans.later * interval '7' day as date)
        ) as above
    from valued
    cross join spans
),

others as (
    -- the post itself is left out by adding what stands before and what stands behind it
    select
        workspace_id,
        owner,
        platform,
        account_id,
        post_id,
        age_hours,
        value,
        basis,
        weeks,
        later,
        week,
        value - above as smallest,
        count(*) over whole - 1 as others,
        {%- for part in ['above', 'above * above'] %}
        {%- set name = 'total' if loop.first else 'squares' %}
        cast(sum(cast({{ part }} as decimal(38, 9))) over lower_part as double) as {{ name }}_before,
        cast(sum(cast({{ part }} as decimal(38, 9))) over upper_part as double) as {{ name }}_behind
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from members
    window
        whole as (partition by workspace_id, platform, account_id, age_hours, weeks, week),
        lower_part as (
            partition by workspace_id, platform, account_id, age_hours, weeks, week
            order by value, post_id, later rows between unbounded preceding and 1 preceding
        ),
        upper_part as (
            partition by workspace_id, platform, account_id, age_hours, weeks, week
            order by value, post_id, later rows between 1 following and unbounded following
        )
),

spread as (
    -- a post at either end of the order has nobody on one side
    select
        workspace_id,
        owner,
        platform,
        account_id,
        post_id,
        age_hours,
        value,
        basis,
        weeks,
        week,
        others,
        smallest,
        case
            when total_before is null then total_behind
            when total_behind is null then total_before
            else total_before + total_behind
        end as total,
        case
            when squares_before is null then squares_behind
            when squares_behind is null then squares_before
            else squares_before + squares_behind
        end as squares
    from others
    where later = 0 and others >= {{ least_others }}
),

judged as (
    select
        workspace_id,
        owner,
        platform,
        account_id,
        post_id,
        age_hours,
        value,
        basis,
        weeks,
        week,
        others,
        round(smallest + total / others, 6) as mean,
        round(sqrt(greatest((squares - total * total / others) / (others - 1), 0.0)), 6) as deviation
    from spread
)

select
    workspace_id,
    owner,
    platform,
    account_id,
    post_id,
    age_hours,
    value,
    basis,
    weeks,
    week,
    others,
    mean,
    deviation,
    round((value - mean) / deviation, 6) as z,
    round((value - mean) / deviation, 6) > 5 as is_breakout
from judged
where deviation > 0
-- the oldest age says most; at one age the week itself is what the rule means
qualify
    row_number() over (
        partition by workspace_id, platform, account_id, post_id order by age_hours desc, weeks
    ) = 1
