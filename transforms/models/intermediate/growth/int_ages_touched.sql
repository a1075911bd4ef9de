{{ config(materialized=grown(), incremental_strategy='anew', database=scratch()) }}

-- what stands before an age changes with the last reading of a bracket up to it, what stands behind it with the first of one
-- further on; a new post, or one that is read again, has all its ages anew
with changed as (
    select
        brackets.workspace_id,
        brackets.platform,
        brackets.account_id,
        brackets.post_id,
        bool_or(brackets.reread or posts.is_placed_anew) as is_whole
        {%- for age in equal_ages() %},
        bool_or(
            (brackets.ends_anew and brackets.bracket between 0 and {{ loop.index0 }})
            or (brackets.begins_anew and brackets.bracket > {{ loop.index0 }})
        ) as at_{{ age }}
        {%- endfor %}
    from {{ ref('int_brackets_touched') }} as brackets
    inner join {{ ref('int_posts_touched') }} as posts
        on
            brackets.workspace_id = posts.workspace_id
            and brackets.platform = posts.platform
            and brackets.account_id = posts.account_id
            and brackets.post_id = posts.post_id
    group by brackets.workspace_id, brackets.platform, brackets.account_id, brackets.post_id
)

select changed.workspace_id, changed.platform, changed.account_id, changed.post_id, ages.age_hours
from changed
inner join ({{ ages() }}) as ages
    on
        changed.is_whole
        {%- for age in equal_ages() %}
        or (ages.age_hours = {{ age }} and changed.at_{{ age }})
        {%- endfor %}
