#include "thz/report/gallery.h"

#include <fmt/format.h>

#include <set>

#include "html.h"
#include "page_style.h"
#include "thz/core/error.h"
#include "thz/io/png.h"

namespace thz::report {
namespace {

using internal::escape;

constexpr const char* kGalleryStyle = R"css(
.filters{display:flex;flex-wrap:wrap;gap:12px 20px;align-items:end;position:sticky;top:0;background:var(--paper);
padding:12px 0;border-bottom:1px solid var(--rule)}
.filters label{font-size:.85rem;color:var(--muted)}
.filters select,.filters button{display:block;font:inherit;margin-top:2px;padding:4px 8px;color:var(--ink);
background:var(--panel);border:1px solid var(--rule);border-radius:4px}
#grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(140px,1fr));gap:14px;margin:18px 0 60px}
#grid figure{margin:0}
#grid figure[hidden]{display:none}
#grid img{width:128px;height:128px;image-rendering:pixelated;background:#000}
#grid.pairs{grid-template-columns:repeat(auto-fill,minmax(270px,1fr))}
#grid img.visible{display:none}
#grid.pairs img.visible{display:inline}
)css";

// The state of the filters is the address, so that back, reload and links work.
constexpr const char* kGalleryScript = R"js(
const keys=['identity','posture','condition'];
const pick=k=>document.getElementById(k);
const figures=[...document.querySelectorAll('#grid figure')];
function show(){
  const wanted=new URLSearchParams(location.hash.slice(1));
  for(const k of keys)pick(k).value=wanted.get(k)||'';
  pick('pairs').checked=wanted.get('visible')==='1';
  document.getElementById('grid').classList.toggle('pairs',pick('pairs').checked);
  let count=0;
  for(const f of figures){
    f.hidden=keys.some(k=>pick(k).value&&f.dataset[k]!==pick(k).value);
    if(!f.hidden)count++;
  }
  document.getElementById('count').textContent=count+' of '+figures.length;
}
function choose(){
  const wanted=new URLSearchParams();
  for(const k of keys)if(pick(k).value)wanted.set(k,pick(k).value);
  if(pick('pairs').checked)wanted.set('visible','1');
  location.hash=wanted.toString();
}
for(const k of [...keys,'pairs'])pick(k).addEventListener('change',choose);
document.getElementById('all').addEventListener('click',()=>{location.hash='';});
window.addEventListener('hashchange',show);
show();
)js";

std::string picture_tag(const ImageF& image, const char* css_class, const std::string& alt) {
  return fmt::format(
      "<img class=\"{}\" loading=\"lazy\" alt=\"{}\" src=\"data:image/png;base64,{}\">", css_class,
      escape(alt), internal::base64(io::encode_png(image)));
}

std::string item_html(const GalleryItem& item) {
  THZ_REQUIRE(!item.image.empty(), "a gallery's picture is empty");
  const std::string label =
      fmt::format("identity {}, {}, {}", item.identity, item.posture, item.condition);
  std::string html =
      fmt::format("<figure data-identity=\"{}\" data-posture=\"{}\" data-condition=\"{}\">",
                  item.identity, escape(item.posture), escape(item.condition));
  html += picture_tag(item.image, "thz", label);
  if (!item.visible.empty())
    html += picture_tag(item.visible, "visible", label + ", visible light");
  return html + "<figcaption>" + escape(label) + "<br>" + escape(item.caption) +
         "</figcaption></figure>\n";
}

template <typename Values>
std::string filter_html(const char* id, const char* label, const Values& values) {
  std::string html =
      fmt::format("<label>{}<select id=\"{}\"><option value=\"\">all</option>", label, id);
  for (const auto& value : values) {
    const std::string text = escape(fmt::format("{}", value));
    html += fmt::format("<option value=\"{0}\">{0}</option>", text);
  }
  return html + "</select></label>\n";
}

}  // namespace

std::string render_gallery(const Gallery& gallery) {
  std::set<int> identities;
  std::vector<std::string> postures, conditions;
  const auto note = [](std::vector<std::string>& seen, const std::string& value) {
    for (const std::string& known : seen) {
      if (known == value) return;
    }
    seen.push_back(value);
  };
  std::string items;
  for (const GalleryItem& item : gallery.items) {
    identities.insert(item.identity);
    note(postures, item.posture);
    note(conditions, item.condition);
    items += item_html(item);
  }
  std::string page =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>" +
      escape(gallery.title) + "</title>\n<style>" + internal::kPageStyle + kGalleryStyle +
      "</style></head>\n<body>\n<header><h1>" + escape(gallery.title) + "</h1>\n";
  if (!gallery.note.empty()) page += "<p>" + escape(gallery.note) + "</p>\n";
  if (!gallery.facts.empty()) page += internal::render_key_values(gallery.facts, "");
  page += "</header>\n<main>\n<div class=\"filters\">\n";
  page += filter_html("identity", "identity", identities) +
          filter_html("posture", "posture", postures) +
          filter_html("condition", "condition", conditions);
  page +=
      "<label><input type=\"checkbox\" id=\"pairs\"> with visible pictures</label>\n<button "
      "id=\"all\">show all</button>\n<output id=\"count\"></output>\n</div>\n<div id=\"grid\">\n";
  return page + items + "</div>\n</main>\n<script>" + kGalleryScript +
         "</script>\n</body></html>\n";
}

}  // namespace thz::report
